import type { AsrEvent } from '#asr/types.ts';
import { loadConfig } from '#lib/config/load.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import type { RecordingControl, RecordingReport, SampleRange } from '#media/types.ts';
import type { CallEvent, ChannelSide, RecordPolicy } from '#sip/types.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { parseRules } from '../rules/schema.ts';
import { startAnalytics, type AnalyticsOptions } from '../server.ts';
import type { Call, LiveEvent, StoreOp, Utterance } from '../types.ts';

/** Analytics by itself, and the events of one call to give it. */

export const callId = 'call-1';
export const startEpochMs = Date.UTC(2026, 0, 1, 12);
const rules = parseRules(
  `rules:
  - {id: refund, title: Refund, severity: low, said: ["refund"]}
  - {id: notice, title: Notice, severity: high, side: callee, missing: ["recorded"], withinS: 10}`,
  'test',
);
export const report: RecordingReport = {
  path: 'recordings/call-1.wav',
  peaksPath: 'recordings/call-1.peaks.json',
  samples: 240_000,
  bytes: 480_058,
  sha256: 'ab'.repeat(32),
  silenced: [],
  unredacted: [],
  failure: null,
};

/** The house around analytics/, which writes down what is asked of it. */
export function house(
  makeRedactor = createRedactor,
  environment: Readonly<Record<string, string>> = {},
  more: Pick<AnalyticsOptions, 'identify'> = {},
) {
  const ops: StoreOp[] = [];
  const live: LiveEvent[] = [];
  const asked: string[] = [];
  const silenced: SampleRange[] = [];
  let markSample = 0;
  const recording: RecordingControl = {
    release: (_callId, untilSample, silence, unheard) => {
      silenced.push(...silence, ...unheard);
      markSample = Math.max(markSample, untilSample);
    },
    finish: (id) => void asked.push(`finish ${id}`),
    redactLate: () => Promise.resolve(report),
    remove: () => Promise.resolve(),
  };
  const metrics = createMetrics();
  const analytics = startAnalytics({
    config: loadConfig(undefined, environment, '/nonexistent'),
    rules,
    store: { write: (op) => void ops.push(op) },
    recording,
    recogniser: {
      open: (id, sides) => void asked.push(`open ${id} ${sides.join(' ')}`),
      addSide: (id, side, fromMs) => void asked.push(`add ${id} ${side} ${fromMs}`),
      abandon: (id) => void asked.push(`abandon ${id}`),
    },
    logger: silentLogger,
    metrics,
    makeRedactor,
    ...more,
  });
  analytics.live.subscribe((event) => live.push(event));
  const call = (): Call => {
    const last = ops.findLast((op) => op.op === 'call');
    if (last === undefined) throw new Error('no call was written');
    return last.call;
  };
  return { analytics, ops, live, asked, silenced, call, metrics, markMs: () => markSample / 8 };
}

export function ringing(record: RecordPolicy = 'redacted-only'): CallEvent {
  const party = { role: 'unknown', joinedMs: 0, leftMs: null } as const;
  return {
    type: 'ringing',
    callId,
    atEpochMs: startEpochMs,
    source: 'b2bua',
    sourceName: 'office',
    sipCallIds: ['a@test'],
    parties: [
      { partyId: 'p1', side: 'caller', uri: 'sip:+4930123456@test', displayName: 'Ann', ...party },
      { partyId: 'p2', side: 'callee', uri: 'sip:200@test', displayName: null, ...party },
    ],
    record,
    headers: { 'x-note': 'card 4111 1111 1111 1111', 'p-asserted-identity': '<sip:+4930123456@test>' },
  };
}
export const final = (side: ChannelSide, segmentId: string, startMs: number, text: string): AsrEvent => {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * 300,
    endMs: startMs + index * 300 + 280,
    confidence: 0.9,
  }));
  const endMs = startMs + words.length * 300;
  return { type: 'final', callId, side, segmentId, startMs, endMs, text, words, confidence: 0.9, language: 'en' };
};
export const progress = (side: ChannelSide, ms: number): AsrEvent => ({
  type: 'progress',
  callId,
  side,
  decidedMs: ms,
  heardMs: ms,
});
export const finished = (side: ChannelSide, endMs: number): AsrEvent => ({ type: 'finished', callId, side, endMs });
export const utterances = (ops: readonly StoreOp[]): Utterance[] =>
  ops.flatMap((op) => (op.op === 'utterance' ? [op.utterance] : []));
