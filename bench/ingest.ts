/**
 * Recorded calls handed in to a whole server with recognition on: hours of audio in an hour of one core. Calls are readers
 * of a corpus (a folder with manifest.jsonl), stereo WAV, a call's length counted once for both channels. CPU time is that
 * of the server and its children (recogniser, PGlite) from the first file to the last row of the last call. Prints JSON.
 *
 *     node bench/ingest.ts --speech DIR [--calls 12] [--seconds 180] [--at-once 2] [--talk 0.45]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Call, Utterance } from '#analytics/types.ts';
import { encodeG711 } from '#lib/audio/g711.ts';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { alignWords } from '../asr/text/align.ts';
import { normaliseWords } from '../asr/text/normalise.ts';
import { TestServer } from '../test/server.ts';
import { audioOf, writeScripts } from '../asr/eval/live/scripts.ts';
import { childrenOf, cpuMs } from './process-cpu.ts';

const { values } = parseArgs({
  options: {
    speech: { type: 'string' },
    calls: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '180' },
    'at-once': { type: 'string', default: '2' },
    talk: { type: 'string', default: '0.45' },
  },
});
if (values.speech === undefined) throw new Error('say where the speech is: --speech DIR');
const calls = Number(values.calls);
const seconds = Number(values.seconds);
const scripts = await writeScripts({ corpus: values.speech, calls, seconds, talk: Number(values.talk), seed: 1 });

const server = await TestServer.start({ environment: { SIDETONE_INGEST_AT_ONCE: values['at-once'] } });
try {
  await server.ready();
  // One by itself: graphs are built and code is compiled before anything is counted.
  await untilDone([await handIn(-1, wavOf('call-0', 20))]);
  const before = cpuNow();
  const startMs = performance.now();
  const callIds: string[] = [];
  for (let call = 0; call < calls; call++) callIds.push(await handIn(call, wavOf(`call-${call}`, seconds)));
  await untilDone(callIds);
  const wallS = (performance.now() - startMs) / 1000;
  const after = cpuNow();
  const cpuS = { server: (after.server - before.server) / 1000, children: (after.children - before.children) / 1000 };
  const audioS = calls * seconds;
  const result = {
    bench: 'ingest',
    calls,
    seconds,
    atOnce: Number(values['at-once']),
    audioHours: rounded(audioS / 3600),
    hoursPerCoreHour: rounded(audioS / (cpuS.server + cpuS.children)),
    hoursPerHour: rounded(audioS / wallS),
    cpuS: { server: rounded(cpuS.server), children: rounded(cpuS.children) },
    ...(await judge(callIds)),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await server.close();
}
process.exit(0);

function wavOf(callId: string, lengthS: number): Buffer {
  const { caller, callee } = audioOf(scripts, callId);
  const frames = Math.min(caller.length, lengthS * 8000);
  const [left, right] = [encodeG711('pcmu', caller), encodeG711('pcmu', callee)];
  const data = Buffer.alloc(2 * frames);
  for (let frame = 0; frame < frames; frame++) {
    data[2 * frame] = left[frame] ?? 0xff;
    data[2 * frame + 1] = right[frame] ?? 0xff;
  }
  return Buffer.concat([wavHeader({ encoding: 'pcmu', channels: 2, sampleRateHz: 8000 }, data.length), data]);
}

/** @returns the id of the call that it becomes */
async function handIn(index: number, wav: Buffer): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(wav)]), `call${index}.wav`);
  const response = await fetch(`${server.url}/api/v1/ingest`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${server.adminKey}` },
    body: form,
  });
  if (!response.ok) throw new Error(`refused: ${response.status} ${await response.text()}`);
  const { items } = (await response.json()) as { readonly items: readonly { readonly callIds: readonly string[] }[] };
  return items[0]?.callIds[0] ?? '';
}

/** Until the last row of each call is stored. */
async function untilDone(callIds: readonly string[]): Promise<void> {
  for (const callId of callIds) {
    for (;;) {
      const response = await server.get(`/api/v1/calls/${callId}`);
      const call = (await response.json()) as Partial<Call & { readonly live: boolean }>;
      if (response.ok && call.state === 'ended' && call.live === false) break;
      await sleep(250);
    }
  }
}

function cpuNow(): { readonly server: number; readonly children: number } {
  return { server: cpuMs(server.pid), children: childrenOf(server.pid).reduce((sum, child) => sum + cpuMs(child), 0) };
}

/** That speed costs no words. */
async function judge(callIds: readonly string[]) {
  let [words, errors] = [0, 0];
  const verdicts: Record<string, number> = {};
  for (const [index, callId] of callIds.entries()) {
    const { assurance, completeness } = await server.json<Call>(`/api/v1/calls/${callId}`);
    const verdict = assurance === null ? completeness : `${completeness} ${assurance.reason}`;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`);
    for (const side of ['caller', 'callee'] as const) {
      const said = normaliseWords((scripts.get(`call-${index}:${side}`)?.said ?? []).join(' '));
      const own = items.filter((each) => each.side === side).map(({ text }) => text);
      const aligned = alignWords(said, normaliseWords(own.join(' ')));
      words += said.length;
      errors += aligned.substitutions + aligned.deletions + aligned.insertions;
    }
  }
  return { words, wer: rounded((100 * errors) / words), verdicts };
}

function rounded(figure: number): number {
  return Number(figure.toFixed(2));
}
