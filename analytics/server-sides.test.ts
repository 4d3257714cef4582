import { expect, test } from 'vitest';
import { callId, final, finished, house, report, ringing, startEpochMs, utterances } from './testing/house.ts';
import { wholeStream } from './testing/samples.ts';

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
  const late = { ...wholeStream, firstSample: 80_000 };
  const streams = { caller: wholeStream, callee: wholeStream, other: late };
  analytics.onMedia({ type: 'media-ended', callId, endSample: 240_000, streams });
  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(finished(side, 30_000));
  expect(asked).not.toContain(`finish ${callId}`);
  analytics.onSpeech(finished('other', 30_000));
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  expect(ops.find((op) => op.op === 'metrics')).toMatchObject({ metrics: { talkMs: { caller: 0, other: 2400 } } });
  expect(call().assurance?.streams.at(-1)).toMatchObject({ side: 'other', expectedMs: 20_000, heardMs: 20_000 });
  expect(call().completeness).toBe('complete');
});

test('one wholeStream of several people names none of them, unless there is but one', () => {
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
