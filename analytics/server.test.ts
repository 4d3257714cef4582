import { expect, test } from 'vitest';
import { endlessMs } from '#asr/types.ts';
import { msToSamples } from '#media/types.ts';
import { createRedactor } from './redaction/redactor.ts';
import {
  callId,
  final,
  finished,
  house,
  progress,
  report,
  ringing,
  startEpochMs,
  utterances,
} from './testing/house.ts';
import { wholeStream } from './testing/samples.ts';

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
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 240_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
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
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 72_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
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
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 160_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
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
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 40_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
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
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 40_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  expect(call().completeness).toBe(completeness);
  const reason = completeness === 'complete' ? 'all-there' : 'not-recognised';
  expect(await metrics.render()).toContain(
    `sidetone_calls_assured_total{source="b2bua",verdict="${completeness}",reason="${reason}"} 1`,
  );
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
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 160_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(finished(side, 20_000));
  expect(asked).toContain(`finish ${callId}`);
  expect(silenced.at(-1)?.endSample).toBeGreaterThanOrEqual(160_000);
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  expect(utterances(ops).map(({ text }) => text)).toEqual(['hello there']);
  expect(call()).toMatchObject({ state: 'ended', completeness: 'partial' });
  expect(call().notes.map(({ note }) => note)).toContain('redaction-failed');
  expect(analytics.openCalls).toBe(0);
});
