import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { childrenOf } from '../bench/process-cpu.ts';
import { readTelephoneSound } from '../cli/commands/call.ts';
import { callBetweenPhones, type PairResult } from '../cli/softphone/pair.ts';
import { repository, TestServer, waitFor } from './server.ts';
import { SseWatcher } from './sse.ts';

let dir: string;
let server: TestServer;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-crash-'));
});
afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The first `seconds` of the demonstration, called through the server. */
async function call(seconds: number): Promise<PairResult> {
  const sound = async (side: string): Promise<Int16Array> =>
    (await readTelephoneSound(join(repository, `demo/${side}.wav`))).subarray(0, seconds * 8000);
  return callBetweenPhones({
    callerPcm: await sound('caller'),
    calleePcm: await sound('callee'),
    via: server.sip,
    transport: 'udp',
  });
}
const watch = (): Promise<SseWatcher> => SseWatcher.open((path, init) => server.get(path, init), '/api/v1/events');
const shown = (watcher: SseWatcher): readonly Utterance[] =>
  watcher.events.flatMap((event) => (event.type === 'utterance' ? [event.utterance] : []));
const transcriptOf = async (callId: string): Promise<readonly Utterance[]> =>
  (await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`)).items;
const child = (part: string): number | undefined =>
  childrenOf(server.pid).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(part));

/** Turns of the demonstration in which nothing is like a digit, so that redaction holds none of their sound. */
const plainTurns = [0, 5, 2, 11, 12, 13];

async function plainTalk(): Promise<Readonly<Record<'caller' | 'callee', Int16Array>>> {
  const times = JSON.parse(readFileSync(join(repository, 'demo/script.times.json'), 'utf8')) as {
    readonly side: 'caller' | 'callee';
    readonly startMs: number;
    readonly endMs: number;
  }[];
  const whole = {
    caller: await readTelephoneSound(join(repository, 'demo/caller.wav')),
    callee: await readTelephoneSound(join(repository, 'demo/callee.wav')),
  };
  const talk = { caller: new Int16Array(60 * 8000), callee: new Int16Array(60 * 8000) };
  let at = 8000;
  for (const { side, startMs, endMs } of plainTurns.map((turn) => times[turn]!)) {
    const turn = whole[side].subarray(startMs * 8, endMs * 8);
    talk[side].set(turn, at);
    at += turn.length + 8000;
  }
  return talk;
}

test('kill -9 loses no utterance that was shown as final, and the call is closed as server-restarted', async () => {
  server = await TestServer.start({ dir });
  await server.ready();
  const watcher = await watch();
  const { caller, callee } = await plainTalk();
  const dead = new AbortController();
  const phones = callBetweenPhones({
    callerPcm: caller,
    calleePcm: callee,
    via: server.sip,
    transport: 'udp',
    until: dead.signal,
  });
  await waitFor('four utterances', () => (shown(watcher).length >= 4 ? true : undefined), 60_000);
  const before = shown(watcher);
  server.signal('SIGKILL');
  await server.ended();
  dead.abort();
  await phones;

  server = await TestServer.start({ dir });
  await server.ready();
  const callId = before[0]?.callId ?? '';
  expect(await server.json<Call>(`/api/v1/calls/${callId}`)).toMatchObject({
    state: 'ended',
    completeness: 'partial',
    termination: { result: 'failed', reason: 'server-restarted', sipStatus: null },
  });
  const after = await transcriptOf(callId);
  for (const utterance of before) expect(after).toContainEqual(utterance);
  const recording = await server.get(`/api/v1/calls/${callId}/recording`);
  expect(recording.status).toBe(200);
  // Stereo mu-law, 16 bytes a ms: what was shown can be heard, but for the last second and what lies past the mark: it
  // stays behind what is decided on both sides by the silence that a digit to come would need in front of it, and what
  // is decided on the side that listens comes when the recogniser finds time: hence the last but one.
  const bytes = (await recording.arrayBuffer()).byteLength;
  expect(bytes).toBeGreaterThan(((before.at(-2)?.endMs ?? Infinity) - 4500) * 16);
  const verdict = await (await server.request('POST', '/api/v1/audit/verify')).json();
  expect(verdict).toMatchObject({ intact: true });
});

test('a recogniser process that is killed costs nothing but time', async () => {
  server = await TestServer.start({ dir, environment: { SIDETONE_ASR_PROCESSES: '1' } });
  await server.ready();
  const watcher = await watch();
  const phones = call(40);
  await waitFor('the first utterance', () => shown(watcher)[0], 60_000);
  process.kill(child('asr') ?? 0, 'SIGKILL');
  const { callId, packetsToCaller } = await phones;
  expect(packetsToCaller).toBeGreaterThan(1950);
  await waitFor('the end of the call', () => watcher.events.find(({ type }) => type === 'end'), 60_000);
  const text = (await transcriptOf(callId ?? '')).map((utterance) => utterance.text.toLowerCase()).join(' ');
  for (const word of ['recorded', 'weeks', 'wrong with the chair', 'scratch', 'money back'])
    expect(text).toContain(word);
  const ids = (await transcriptOf(callId ?? '')).map(({ startMs, side }) => `${side} ${startMs}`);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the database dying in the middle of a call loses nothing and stores nothing twice', async () => {
  server = await TestServer.start({ dir });
  await server.ready();
  const watcher = await watch();
  const phones = call(40);
  await waitFor('the first utterance', () => shown(watcher)[0], 60_000);
  process.kill(child('pglite') ?? 0, 'SIGKILL');
  const { callId } = await phones;
  await server.ready();
  await waitFor(
    'the last row',
    async () => {
      const response = await server.get(`/api/v1/calls/${callId ?? ''}`);
      const stored = response.ok ? ((await response.json()) as Call) : undefined;
      return stored?.state === 'ended' && stored.completeness !== 'pending' ? true : undefined;
    },
    60_000,
  );
  const utterances = await transcriptOf(callId ?? '');
  expect(utterances.length).toBeGreaterThan(4);
  for (const utterance of shown(watcher)) {
    expect(utterances.filter(({ utteranceId }) => utteranceId === utterance.utteranceId)).toHaveLength(1);
  }
});
