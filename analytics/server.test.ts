import { expect, test } from 'vitest';
import { endlessMs, type AsrEvent } from '#asr/types.ts';
import { loadConfig } from '#lib/config/load.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import {
  msToSamples,
  type RecordingControl,
  type RecordingReport,
  type SampleRange,
  type StreamReport,
} from '#media/types.ts';
import type { CallEvent, RecordPolicy, TalkSide } from '#sip/types.ts';
import { createRedactor } from './redaction/redactor.ts';
import { parseRules } from './rules/schema.ts';
import { startAnalytics } from './server.ts';
import type { Call, LiveEvent, StoreOp, Utterance } from './types.ts';

const callId = 'call-1';
const startEpochMs = Date.UTC(2026, 0, 1, 12);
const rules = parseRules(
  `rules:
  - {id: refund, title: Refund, severity: low, said: ["refund"]}
  - {id: notice, title: Notice, severity: high, side: callee, missing: ["recorded"], withinS: 10}`,
  'test',
);
const stream: StreamReport = {
  packets: 100,
  lostPackets: 0,
  duplicatePackets: 0,
  latePackets: 0,
  malformedPackets: 0,
  strangerPackets: 0,
  filledSamples: 0,
  firstSample: 0,
  endSample: 240_000,
  quietSamples: 0,
  gaps: 0,
  droppedSamples: 0,
  jitterMeanMs: 0,
  jitterMaxMs: 0,
  farLossFraction: null,
  roundTripMs: null,
  mos: 4.4,
};
const report: RecordingReport = {
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
function house(makeRedactor = createRedactor) {
  const ops: StoreOp[] = [];
  const live: LiveEvent[] = [];
  const asked: string[] = [];
  const silenced: SampleRange[] = [];
  let markSample = 0;
  const recording: RecordingControl = {
    release: (_callId, untilSample, silence) => {
      silenced.push(...silence);
      markSample = Math.max(markSample, untilSample);
    },
    finish: (id) => void asked.push(`finish ${id}`),
    redactLate: () => Promise.resolve(report),
    remove: () => Promise.resolve(),
  };
  const analytics = startAnalytics({
    config: loadConfig(undefined, {}, '/nonexistent'),
    rules,
    store: { write: (op) => void ops.push(op) },
    recording,
    recogniser: {
      open: (id, sides) => void asked.push(`open ${id} ${sides.join(' ')}`),
      addSide: (id, side, fromMs) => void asked.push(`add ${id} ${side} ${fromMs}`),
      abandon: (id) => void asked.push(`abandon ${id}`),
    },
    logger: silentLogger,
    metrics: createMetrics(),
    makeRedactor,
  });
  analytics.live.subscribe((event) => live.push(event));
  const call = (): Call => {
    const last = ops.findLast((op) => op.op === 'call');
    if (last === undefined) throw new Error('no call was written');
    return last.call;
  };
  return { analytics, ops, live, asked, silenced, call, markMs: () => markSample / 8 };
}

function ringing(record: RecordPolicy = 'redacted-only'): CallEvent {
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
const final = (side: TalkSide, segmentId: string, startMs: number, text: string): AsrEvent => {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * 300,
    endMs: startMs + index * 300 + 280,
    confidence: 0.9,
  }));
  const endMs = startMs + words.length * 300;
  return { type: 'final', callId, side, segmentId, startMs, endMs, text, words, confidence: 0.9, language: 'en' };
};
const progress = (side: TalkSide, ms: number): AsrEvent => ({
  type: 'progress',
  callId,
  side,
  decidedMs: ms,
  heardMs: ms,
});
const finished = (side: TalkSide, endMs: number): AsrEvent => ({ type: 'finished', callId, side, endMs });
const utterances = (ops: readonly StoreOp[]): Utterance[] =>
  ops.flatMap((op) => (op.op === 'utterance' ? [op.utterance] : []));

test('a call from its first ring to its last row', () => {
  const { analytics, ops, live, asked, call, markMs } = house();
  analytics.onCall(ringing());
  expect(call()).toMatchObject({ state: 'ringing', headers: { 'x-note': 'card [DIGITS]' } });
  expect(call().headers['p-asserted-identity']).toContain('+4930123456');
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs + 1_000, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'leg', callId, atEpochMs: startEpochMs + 1_000, sipCallId: 'b@test' });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs + 3_000 });
  expect(call()).toMatchObject({ state: 'active', answeredMs: 2_000, sipCallIds: ['a@test', 'b@test'] });
  expect(asked).toEqual([`open ${callId} caller callee`]);

  const words = [{ text: 'I', startMs: 4_000, endMs: 4_100, confidence: 0.9 }];
  analytics.onSpeech({ type: 'partial', callId, side: 'caller', segmentId: 's1', words });
  analytics.onSpeech(final('caller', 's1', 4_000, 'I want a refund and I am really angry'));
  const [said] = utterances(ops);
  expect(said).toMatchObject({
    speaker: 'Ann',
    partyId: 'p1',
    text: 'I want a refund and I am really angry',
    revision: 1,
  });
  expect(said?.sentiment).toBeLessThan(-1);
  // Stored before shown, and the partial is replaced in what a late watcher gets.
  expect(live.some((event) => event.type === 'partial' && event.segmentId === 's1')).toBe(true);
  expect(analytics.live.snapshot(callId)?.map(({ type }) => type)).toEqual(['call', 'utterance', 'finding']);

  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(progress(side, 20_000));
  expect(markMs()).toBeGreaterThanOrEqual(12_000);
  const findings = ops.flatMap((op) => (op.op === 'finding' ? [op.finding] : []));
  expect(findings.map(({ ruleId, kind }) => `${ruleId} ${kind}`)).toEqual(['refund said', 'notice missing']);

  analytics.onCall({
    type: 'ended',
    callId,
    atEpochMs: startEpochMs + 31_000,
    termination: { result: 'completed', reason: 'caller-hung-up', sipStatus: null },
  });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 240_000, streams: { caller: stream, callee: stream } });
  analytics.onSpeech(finished('caller', 30_000));
  expect(asked).not.toContain(`finish ${callId}`);
  analytics.onSpeech(finished('callee', 30_000));
  expect(asked).toContain(`finish ${callId}`);
  expect(analytics.openCalls).toBe(1);
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });

  expect(analytics.openCalls).toBe(0);
  expect(analytics.live.list()).toEqual([]);
  expect(live.at(-1)).toEqual({ type: 'end', callId });
  expect(call()).toMatchObject({ state: 'ended', durationMs: 28_000, completeness: 'complete' });
  expect(ops.find((op) => op.op === 'metrics')).toMatchObject({
    metrics: { durationMs: 28_000, talkMs: { callee: 0 } },
  });
  expect(ops.find((op) => op.op === 'recording')).toMatchObject({ recording: report });
});

test('record: none keeps the row of the call and nothing else', () => {
  const { analytics, ops, asked, call } = house();
  analytics.onCall(ringing('none'));
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  analytics.onCall({
    type: 'ended',
    callId,
    atEpochMs: startEpochMs + 9_000,
    termination: { result: 'completed', reason: 'callee-hung-up', sipStatus: null },
  });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 72_000, streams: { caller: stream, callee: stream } });
  expect(asked).toEqual([`finish ${callId}`]);
  expect(ops.every((op) => op.op === 'call')).toBe(true);
  expect(call()).toMatchObject({ state: 'ended', completeness: 'excluded', durationMs: 9_000 });
  expect(analytics.openCalls).toBe(0);
});

test('what is missing is said on the call', () => {
  const { analytics, call } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  analytics.onMedia({ type: 'stream-silent', callId, side: 'callee', sample: 80_000 });
  analytics.onSpeech({ type: 'unheard', callId, side: 'callee', startMs: 0, endMs: 10_000 });
  analytics.onCall({
    type: 'ended',
    callId,
    atEpochMs: startEpochMs + 20_000,
    termination: { result: 'completed', reason: 'rtp-timeout', sipStatus: null },
  });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 160_000, streams: { caller: stream, callee: stream } });
  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(finished(side, 20_000));
  analytics.onMedia({ type: 'recording-finished', callId, recording: { ...report, path: null, failure: 'disk-full' } });
  expect(call()).toMatchObject({ completeness: 'missing', assurance: { reason: 'recording-failed' } });
  expect(call().notes.map(({ note }) => note)).toEqual(expect.arrayContaining(['stream-silent', 'recording-failed']));
});

test('what nobody will listen to is redacted up to the end of the call, once that is known', () => {
  const { analytics, ops } = house();
  const redactions = (): unknown[] => ops.flatMap((op) => (op.op === 'redaction' ? [op.redaction] : []));
  const atEpochMs = startEpochMs;
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs });
  for (const side of ['caller', 'callee'] as const) {
    analytics.onSpeech({ type: 'unheard', callId, side, startMs: 0, endMs: endlessMs });
    analytics.onSpeech(finished(side, endlessMs));
  }
  expect(redactions()).toEqual([]);
  const termination = { result: 'completed', reason: 'caller-hung-up', sipStatus: null } as const;
  analytics.onCall({ type: 'ended', callId, atEpochMs: atEpochMs + 5000, termination });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 40_000, streams: { caller: stream, callee: stream } });
  expect(redactions()).toMatchObject([
    { kind: 'unheard', side: 'caller', startMs: 0, endMs: 5000 },
    { kind: 'unheard', side: 'callee', startMs: 0, endMs: 5000 },
  ]);
});

test('music from the side that holds is no talk', () => {
  const { analytics, ops } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onMedia({ type: 'hold', callId, side: 'callee', sample: 80_000, holding: true });
  analytics.onSpeech(final('callee', 's1', 11_000, 'la la la all night long'));
  analytics.onSpeech(final('caller', 's2', 14_000, 'are they coming back'));
  analytics.onMedia({ type: 'hold', callId, side: 'callee', sample: 160_000, holding: false });
  analytics.onSpeech(final('callee', 's3', 21_000, 'thanks for holding'));
  expect(utterances(ops).map(({ text }) => text)).toEqual(['are they coming back', 'thanks for holding']);
});

test('closing wraps up what is open, with what is there', async () => {
  const { analytics, ops, silenced, call } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  analytics.onSpeech(final('caller', 's1', 1_000, 'hello there'));
  const closing = analytics.close();
  const termination = { result: 'completed', reason: 'server-shutdown', sipStatus: null } as const;
  analytics.onCall({ type: 'ended', callId, atEpochMs: startEpochMs + 2_000, termination });
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  await closing;
  expect(utterances(ops)).toHaveLength(1);
  // Recognition had not come to the end.
  expect(call().completeness).toBe('partial');
  expect(silenced).toContainEqual({ startSample: 0, endSample: msToSamples(endlessMs) });
  expect(analytics.openCalls).toBe(0);
});

test('a redactor that throws lets nothing more out, and its call still ends', () => {
  const redactor = createRedactor({ holdMs: 30_000, sides: ['caller', 'callee'] });
  const { analytics, ops, asked, silenced, call } = house(() => ({
    heard: (event) => {
      if (event.type === 'final' && event.segmentId === 's2') throw new Error('broken');
      return redactor.heard(event);
    },
    addSide: (...side) => redactor.addSide(...side),
    keyed: (...keys) => redactor.keyed(...keys),
    dropped: (...range) => redactor.dropped(...range),
    finish: () => redactor.finish(),
    status: () => redactor.status(),
  }));
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  analytics.onSpeech(final('caller', 's1', 1_000, 'hello there'));
  analytics.onSpeech(final('caller', 's2', 5_000, 'this is where it breaks'));
  analytics.onSpeech(final('caller', 's3', 9_000, 'and this must not be seen'));
  analytics.onCall({
    type: 'ended',
    callId,
    atEpochMs: startEpochMs + 20_000,
    termination: { result: 'completed', reason: 'caller-hung-up', sipStatus: null },
  });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 160_000, streams: { caller: stream, callee: stream } });
  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(finished(side, 20_000));
  expect(asked).toContain(`finish ${callId}`);
  expect(silenced.at(-1)?.endSample).toBeGreaterThanOrEqual(160_000);
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  expect(utterances(ops).map(({ text }) => text)).toEqual(['hello there']);
  expect(call()).toMatchObject({ state: 'ended', completeness: 'partial' });
  expect(call().notes.map(({ note }) => note)).toContain('redaction-failed');
  expect(analytics.openCalls).toBe(0);
});
