import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
import type { CallEvent, ChannelSide, RecordPolicy } from '#sip/types.ts';
import { createRedactor } from './redaction/redactor.ts';
import { parseRules } from './rules/schema.ts';
import { startAnalytics } from './server.ts';
import type { Call, Finding, LiveEvent, StoreOp, Utterance } from './types.ts';

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
function house(makeRedactor = createRedactor, environment: Readonly<Record<string, string>> = {}) {
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
  });
  analytics.live.subscribe((event) => live.push(event));
  const call = (): Call => {
    const last = ops.findLast((op) => op.op === 'call');
    if (last === undefined) throw new Error('no call was written');
    return last.call;
  };
  return { analytics, ops, live, asked, silenced, call, metrics, markMs: () => markSample / 8 };
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
const final = (side: ChannelSide, segmentId: string, startMs: number, text: string): AsrEvent => {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * 300,
    endMs: startMs + index * 300 + 280,
    confidence: 0.9,
  }));
  const endMs = startMs + words.length * 300;
  return { type: 'final', callId, side, segmentId, startMs, endMs, text, words, confidence: 0.9, language: 'en' };
};
const progress = (side: ChannelSide, ms: number): AsrEvent => ({
  type: 'progress',
  callId,
  side,
  decidedMs: ms,
  heardMs: ms,
});
const finished = (side: ChannelSide, endMs: number): AsrEvent => ({ type: 'finished', callId, side, endMs });
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

test.each([
  ['all', 'complete'],
  ['redacted-only', 'partial'],
] as const)('without recognition a call of record: %s is %s', async (record, completeness) => {
  const { analytics, call, metrics } = house(createRedactor, { SIDETONE_ASR_PROCESSES: '0' });
  const atEpochMs = startEpochMs;
  analytics.onCall(ringing(record));
  analytics.onMedia({ type: 'media-started', callId, atEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs });
  for (const side of ['caller', 'callee'] as const) {
    analytics.onSpeech({ type: 'unheard', callId, side, startMs: 0, endMs: endlessMs });
    analytics.onSpeech(finished(side, endlessMs));
  }
  const termination = { result: 'completed', reason: 'caller-hung-up', sipStatus: null } as const;
  analytics.onCall({ type: 'ended', callId, atEpochMs: atEpochMs + 5000, termination });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 40_000, streams: { caller: stream, callee: stream } });
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  expect(call().completeness).toBe(completeness);
  const reason = completeness === 'complete' ? 'all-there' : 'not-recognised';
  expect(await metrics.render()).toContain(
    `sidetone_calls_assured_total{source="b2bua",verdict="${completeness}",reason="${reason}"} 1`,
  );
});

test('a side that comes late is recognised from then on, and waited for', () => {
  const { analytics, ops, asked, call } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  analytics.onMedia({ type: 'side-added', callId, side: 'other', sample: 80_000 });
  expect(asked).toEqual([`open ${callId} caller callee`, `add ${callId} other 10000`]);
  analytics.onSpeech(final('other', 's1', 12_000, 'I want a refund for all of us'));
  expect(utterances(ops)).toMatchObject([{ side: 'other', partyId: null, speaker: 'other' }]);
  expect(ops.flatMap((op) => (op.op === 'finding' ? [op.finding.side] : []))).toContain('other');
  analytics.onCall({
    type: 'ended',
    callId,
    atEpochMs: startEpochMs + 30_000,
    termination: { result: 'completed', reason: 'sender-ended', sipStatus: null },
  });
  const late = { ...stream, firstSample: 80_000 };
  const streams = { caller: stream, callee: stream, other: late };
  analytics.onMedia({ type: 'media-ended', callId, endSample: 240_000, streams });
  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(finished(side, 30_000));
  expect(asked).not.toContain(`finish ${callId}`);
  analytics.onSpeech(finished('other', 30_000));
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  expect(ops.find((op) => op.op === 'metrics')).toMatchObject({ metrics: { talkMs: { caller: 0, other: 2400 } } });
  expect(call().assurance?.streams.at(-1)).toMatchObject({ side: 'other', expectedMs: 20_000, heardMs: 20_000 });
  expect(call().completeness).toBe('complete');
});

test('one stream of several people names none of them, unless there is but one', () => {
  const speakers = [2, 1].map((count) => {
    const { analytics, ops } = house();
    const event = ringing();
    const parties =
      event.type === 'ringing' ? event.parties.map((party) => ({ ...party, side: 'mixed' as const })) : [];
    analytics.onCall(event);
    analytics.onCall({ type: 'parties', callId, atEpochMs: startEpochMs, parties: parties.slice(0, count) });
    analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['mixed'] });
    analytics.onSpeech(final('mixed', 's1', 1_000, 'good morning to you'));
    return utterances(ops).map(({ speaker, partyId }) => [speaker, partyId]);
  });
  expect(speakers).toEqual([[['mixed', null]], [['Ann', 'p1']]]);
});

test('whoever was on the side at the time has said it', () => {
  const { analytics, ops } = house();
  const party = { side: 'callee', uri: null, role: 'agent' } as const;
  const first = { ...party, partyId: 'p2', displayName: 'Bob', joinedMs: 0, leftMs: 9_000 };
  const second = { ...party, partyId: 'p3', displayName: 'Cleo', joinedMs: 10_000, leftMs: null };
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'parties', callId, atEpochMs: startEpochMs, parties: [first, second] });
  analytics.onSpeech(final('callee', 's1', 5_000, 'please hold the line'));
  analytics.onSpeech(final('callee', 's2', 11_000, 'good morning to you'));
  expect(utterances(ops).map(({ speaker }) => speaker)).toEqual(['Bob', 'Cleo']);
});

test('a pause stands on the call with who wanted it, as long as anybody did', () => {
  const { analytics, call } = house();
  const note = (what: 'paused' | 'resumed', detail: string): void =>
    analytics.onCall({ type: 'note', callId, atEpochMs: startEpochMs, note: what, detail });
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  note('paused', 'ann');
  analytics.onMedia({ type: 'paused', callId, sample: 16_000 });
  expect(call().pauses).toEqual([{ fromMs: 2_000, toMs: null, by: 'ann' }]);
  // The recorder client wants it as well, then neither does.
  note('paused', 'siprec');
  note('resumed', 'ann');
  note('resumed', 'siprec');
  analytics.onMedia({ type: 'resumed', callId, sample: 80_000 });
  // Quicker than media tells.
  note('paused', 'dtmf');
  note('resumed', 'dtmf');
  note('paused', 'bob');
  for (const type of ['paused', 'resumed', 'paused'] as const) analytics.onMedia({ type, callId, sample: 160_000 });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 240_000, streams: { caller: stream, callee: stream } });
  expect(call().pauses).toEqual([
    { fromMs: 2_000, toMs: 10_000, by: 'ann' },
    { fromMs: 20_000, toMs: 20_000, by: 'dtmf' },
    { fromMs: 20_000, toMs: 30_000, by: 'bob' },
  ]);
});

const alarms = (ops: readonly StoreOp[]): Finding[] =>
  ops.flatMap((op) => (op.op === 'finding' && op.finding.kind === 'system' ? [op.finding] : []));

test('a stream that falls silent is a finding at once, which says when it has come back', () => {
  const { analytics, ops, live } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onMedia({ type: 'stream-silent', callId, side: 'callee', sample: 80_000 });
  expect(alarms(ops)).toMatchObject([{ ruleId: 'stream-silent', side: 'callee', severity: 'high', startMs: 10_000 }]);
  expect(live.filter(({ type }) => type === 'finding')).toHaveLength(1);
  analytics.onMedia({ type: 'stream-resumed', callId, side: 'callee', sample: 160_000 });
  const [raised, cleared] = alarms(ops);
  expect(cleared).toMatchObject({ findingId: raised?.findingId, severity: 'medium', startMs: 10_000, endMs: 20_000 });
  analytics.onMedia({ type: 'stream-silent', callId, side: 'callee', sample: 200_000 });
  expect(alarms(ops).at(-1)?.findingId).not.toBe(raised?.findingId);
});

describe('an answered call of which nothing comes,', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is a finding after assurance.silentAfterS, and medium once sound has come', () => {
    const { analytics, ops } = house();
    analytics.onCall(ringing());
    analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
    vi.advanceTimersByTime(7_900);
    expect(alarms(ops)).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(alarms(ops)).toMatchObject([{ ruleId: 'no-media', severity: 'high', side: null }]);
    analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs + 9_000, sides: ['caller', 'callee'] });
    expect(alarms(ops).at(-1)).toMatchObject({ ruleId: 'no-media', severity: 'medium' });
  });

  test('or of which one side has no stream is one too, until it has', () => {
    const { analytics, ops } = house();
    analytics.onCall(ringing());
    analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller'] });
    analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
    vi.advanceTimersByTime(8_100);
    expect(alarms(ops)).toMatchObject([{ ruleId: 'stream-missing', severity: 'high', side: 'callee' }]);
    analytics.onMedia({ type: 'side-added', callId, side: 'callee', sample: 80_000 });
    expect(alarms(ops).at(-1)).toMatchObject({ ruleId: 'stream-missing', severity: 'medium', endMs: 10_000 });
    const mixed = house();
    mixed.analytics.onCall(ringing());
    mixed.analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['mixed'] });
    mixed.analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
    vi.advanceTimersByTime(8_100);
    expect(alarms(mixed.ops)).toEqual([]);
  });

  test('is none while somebody wants it paused, or where nothing was to be kept, or when it has ended', () => {
    for (const [record, event] of [
      ['redacted-only', { type: 'note', callId, atEpochMs: startEpochMs, note: 'paused', detail: 'siprec' }],
      ['none', { type: 'answered', callId, atEpochMs: startEpochMs }],
      [
        'redacted-only',
        {
          type: 'ended',
          callId,
          atEpochMs: startEpochMs,
          termination: { result: 'completed', reason: 'sender-ended', sipStatus: null },
        },
      ],
    ] as const) {
      const { analytics, ops } = house();
      analytics.onCall(ringing(record));
      analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
      analytics.onCall(event);
      vi.advanceTimersByTime(20_000);
      expect(alarms(ops)).toEqual([]);
    }
  });
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
