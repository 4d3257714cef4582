import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { configSchema } from '../lib/config/schema.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { startRecogniser } from '../asr/recogniser.ts';
import { FeedSource } from '../asr/testing/feed-source.ts';
import type { AsrEvent } from '../asr/types.ts';
import type { TalkSide } from '../sip/types.ts';
import { decodeFile, overTheLine, percentile, readManifest, seededRandom, shuffled } from './asr/clips.ts';
import { Display, bare, wordErrors } from './asr/display.ts';

/**
 * Live calls through the recogniser as the server runs it: forked processes, real sockets, real time. Each channel is
 * a reader of its own from a corpus folder (manifest.jsonl), speaking about 45 % of the time after a random start.
 * Prints what a person watching would have seen, as JSON.
 */
const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '120' },
    processes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    talk: { type: 'string', default: '0.45' },
    corpus: { type: 'string', default: '../shared/speech/librispeech_resemblyzer' },
    cache: { type: 'string' },
    show: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const random = seededRandom(Number(options.seed));
const pool = shuffled(
  readManifest(options.corpus).filter((row) => row.text !== ''),
  random,
);

interface Script {
  readonly pcm: Int16Array;
  readonly said: string[];
  readonly clips: { readonly startMs: number; readonly endMs: number }[];
}

/** One channel: readings with pauses between them, over a quiet line. */
function script(): Script {
  const pcm = new Int16Array(seconds * 8000);
  for (let i = 0; i < pcm.length; i += 1) pcm[i] = Math.round((random() - 0.5) * 16);
  const said: string[] = [];
  const clips: { startMs: number; endMs: number }[] = [];
  const talk = Number(options.talk);
  let at = Math.floor(random() * 8 * 8000);
  for (;;) {
    const row = pool.pop();
    if (row === undefined) throw new Error('the corpus is too small for so many calls');
    const clip = decodeFile(row.path);
    if (at + clip.length > pcm.length - 4000) break;
    pcm.set(clip, at);
    said.push(...row.text.split(' '));
    clips.push({ startMs: at / 8, endMs: (at + clip.length) / 8 });
    at += Math.floor(clip.length * (1 + ((1 - talk) / talk) * (0.6 + 0.8 * random())));
  }
  return { pcm: overTheLine(pcm), said, clips };
}

const runtimeDir = mkdtempSync(join(tmpdir(), 'asr-live-'));
const source = new FeedSource();
const recogniser = await startRecogniser({
  config: configSchema.parse({ asr: { processes: Number(options.processes) } }),
  feed: source,
  runtimeDir,
  cacheDir: options.cache ?? join(runtimeDir, 'cache'),
  logger: createLogger('warn'),
  metrics: createMetrics(),
});

const scripts = new Map<string, Script>();
const started = new Map<string, number>();
const displays = new Map<string, Display>();
const heard = new Map<string, string[]>();
const wordDelaysMs: number[] = [];
const segmentDelaysMs: number[] = [];
const clipDelaysMs: number[] = [];
const noWords: number[] = [];
let finished = 0;

recogniser.subscribe((event: AsrEvent) => {
  const nowMs = performance.now();
  if (event.type === 'finished') finished += 1;
  if (event.type === 'no-words') noWords.push(event.endMs - event.startMs);
  if (event.type !== 'partial' && event.type !== 'final') return;
  const startedMs = started.get(event.callId) ?? 0;
  const display = displays.get(event.segmentId) ?? new Display();
  displays.set(event.segmentId, display);
  const texts = event.words.map((word) => word.text);
  const shown = display.show(texts, nowMs - startedMs, event.type === 'partial');
  if (options.show) console.error(event.segmentId.slice(-10), event.type, Math.round(nowMs - startedMs), texts.join(' '));
  if (event.type === 'partial') return;
  event.words.forEach((word, index) => wordDelaysMs.push((shown[index]?.shownAtMs ?? 0) - word.endMs));
  segmentDelaysMs.push(nowMs - startedMs - Math.max(...event.words.map((word) => word.endMs)));
  const channel = `${event.callId}:${event.side}`;
  const clip = scripts.get(channel)?.clips.find((each) => Math.abs(each.endMs - event.endMs) < 700);
  if (clip !== undefined) clipDelaysMs.push(nowMs - startedMs - clip.endMs);
  heard.set(channel, [...(heard.get(channel) ?? []), ...texts]);
});

while (!recogniser.status().ready) await delay(100);
const calls = Number(options.calls);
for (let number = 0; number < calls; number += 1) {
  const callId = `call-${number}`;
  const pair: Record<TalkSide, Script> = { caller: script(), callee: script() };
  for (const side of ['caller', 'callee'] as const) scripts.set(`${callId}:${side}`, pair[side]);
}
const cpuBefore = childCpuS();
for (let number = 0; number < calls; number += 1) {
  const callId = `call-${number}`;
  const pcmOf = (side: TalkSide): Int16Array => scripts.get(`${callId}:${side}`)?.pcm ?? new Int16Array(0);
  started.set(callId, source.add(callId, { caller: pcmOf('caller'), callee: pcmOf('callee') }));
  recogniser.open(callId);
}
const deadline = performance.now() + (seconds + 60) * 1000;
while (finished < 2 * calls && performance.now() < deadline) await delay(100);
const cpuS = childCpuS() - cpuBefore;

const words = [...displays.values()].flatMap((display) => display.all);
const partial = words.filter((word) => word.inPartial);
const share = (list: readonly unknown[], of: readonly unknown[]): number =>
  Math.round((1000 * list.length) / Math.max(1, of.length)) / 10;
const ms = (values: readonly number[], at: number): number | null => {
  const value = percentile(values, at);
  return value === null ? null : Math.round(value);
};
let said = 0;
let errors = 0;
for (const [channel, { said: reference }] of scripts) {
  said += reference.length;
  errors += wordErrors(reference.map(bare), (heard.get(channel) ?? []).map(bare));
}
console.log(
  JSON.stringify(
    {
      calls,
      seconds,
      processes: Number(options.processes),
      finishedSides: finished,
      segments: displays.size,
      noWordsMs: noWords.map(Math.round),
      wordsShown: words.length,
      shownInPartials: partial.length,
      changedSharePercent: share(words.filter((word) => word.changed), words),
      changedOfPartialsPercent: share(partial.filter((word) => word.changed), partial),
      restyledOfPartialsPercent: share(partial.filter((word) => word.restyled && !word.changed), partial),
      wordToShownMedianMs: ms(wordDelaysMs, 0.5),
      wordToShownP90Ms: ms(wordDelaysMs, 0.9),
      finalDelayP50Ms: ms(segmentDelaysMs, 0.5),
      finalDelayP95Ms: ms(segmentDelaysMs, 0.95),
      finalAfterClipP95Ms: ms(clipDelaysMs, 0.95),
      statusP95Ms: recogniser.status().finalDelayP95Ms,
      werPercent: Math.round((1000 * errors) / Math.max(1, said)) / 10,
      wordsSaid: said,
      recogniserCpuPercent: Math.round((100 * cpuS) / seconds),
    },
    null,
    2,
  ),
);
await recogniser.close();
source.close();
rmSync(runtimeDir, { recursive: true, force: true });

/** CPU seconds of this process's children that are alive. */
function childCpuS(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return children
    .filter((id) => id !== '')
    .map((id) => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [])
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / 100, 0);
}
