import { expect, test } from 'vitest';
import type { SpeakerDesk } from './speakers/desk.ts';
import { callId, final, finished, house, report, ringing, startEpochMs } from './testing/house.ts';
import type { Utterance } from './types.ts';

/** A call of two sides of which the callee speaks, to its end. */
async function callWith(identify: SpeakerDesk['identify']) {
  const { analytics, ops, live } = house(undefined, {}, { identify });
  const sides = ['caller', 'callee'] as const;
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  analytics.onSpeech(final('callee', 's1', 1000, 'good morning'));
  const termination = { result: 'completed', reason: 'caller-hung-up', sipStatus: null } as const;
  analytics.onCall({ type: 'ended', callId, atEpochMs: startEpochMs + 9000, termination });
  analytics.onMedia({ type: 'media-ended', callId, endSample: 72_000, streams: {} });
  for (const side of sides) analytics.onSpeech(finished(side, 9000));
  analytics.onMedia({ type: 'recording-finished', callId, recording: report });
  await analytics.whenIdle();
  const said = ops.flatMap((op): Utterance[] => (op.op === 'utterance' ? [op.utterance] : []));
  return { said, live };
}

test('whose voice it is stands in the transcript before the call is told to be over', async () => {
  const asked: unknown[] = [];
  const { said, live } = await callWith((...args) => {
    asked.push(args);
    const anna = { speakerId: 's', name: 'Anna', probability: 0.97 };
    return Promise.resolve([{ side: 'callee', label: null, ...anna }]);
  });
  expect(asked).toEqual([
    [callId, report.path, [{ side: 'callee', label: null, stretches: [{ startMs: 1000, endMs: 1600 }] }]],
  ]);
  expect(said.map(({ speaker, revision }) => [speaker, revision])).toEqual([
    ['callee', 1],
    ['Anna', 2],
  ]);
  expect(said[1]?.voice).toEqual({
    label: null,
    overlaps: false,
    unnamed: 'callee',
    match: { speakerId: 's', probability: 0.97 },
  });
  expect(live.slice(-3).map(({ type }) => type)).toEqual(['utterance', 'call', 'end']);
});

test('a call ends without names where they cannot be found out', async () => {
  const { said, live } = await callWith(() => Promise.reject(new Error('the model is gone')));
  expect(said.map(({ speaker }) => speaker)).toEqual(['callee']);
  expect(live.at(-1)?.type).toBe('end');
});
