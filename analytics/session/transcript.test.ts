import { expect, test } from 'vitest';
import type { AsrEvent, SpeakerTurn } from '#asr/types.ts';
import type { CallEvent } from '#sip/types.ts';
import { callId, final, finished, house, progress, ringing, startEpochMs } from '../testing/house.ts';
import type { StoreOp, Utterance } from '../types.ts';

const mixedRinging = (): CallEvent => {
  const event = ringing();
  if (event.type !== 'ringing') throw new Error('it rings');
  return { ...event, parties: event.parties.map((party) => ({ ...party, side: 'mixed' })) };
};

/** Words of the given speakers, 300 ms each. */
const said = (segmentId: string, startMs: number, text: string, speakers: string): AsrEvent => {
  const event = final('mixed', segmentId, startMs, text);
  if (event.type !== 'final') throw new Error('it is final');
  const words = event.words.map((word, index) => {
    const speaker = speakers[index] ?? '-';
    return speaker === '-' ? word : { ...word, speaker };
  });
  return { ...event, words };
};
const turns = (list: readonly (readonly [number, number, string])[], settled = false): AsrEvent => ({
  type: 'speakers',
  callId,
  side: 'mixed',
  turns: list.map(([startMs, endMs, speaker]): SpeakerTurn => ({ startMs, endMs, speaker })),
  settled,
});

/** A call of one stream that two share, hung up at 20 s. */
function mixedCall(events: readonly AsrEvent[]) {
  const { analytics, ops, live, call } = house();
  analytics.onCall(mixedRinging());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['mixed'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  for (const event of events) analytics.onSpeech(event);
  const end = (): void => {
    const termination = { result: 'completed', reason: 'caller-hung-up', sipStatus: null } as const;
    analytics.onCall({ type: 'ended', callId, atEpochMs: startEpochMs + 20_000, termination });
    analytics.onMedia({ type: 'media-ended', callId, endSample: 160_000, streams: {} });
    analytics.onSpeech(finished('mixed', 20_000));
  };
  return { analytics, ops, live, call, end };
}
const stored = (ops: readonly StoreOp[]): Utterance[] => {
  const last = new Map<string, Utterance>();
  for (const op of ops) {
    if (op.op === 'utterance' || op.op === 'rewrite-utterance') last.set(op.utterance.utteranceId, op.utterance);
  }
  return [...last.values()].sort((a, b) => a.startMs - b.startMs);
};
const lines = (ops: readonly StoreOp[]): string[] => stored(ops).map(({ speaker, text }) => `${speaker}: ${text}`);

test('where the speaker changes within a turn, it is two utterances, each with its own words and times', () => {
  const { ops, live } = mixedCall([said('s1', 1000, 'good morning thank you bye', '11-22'), progress('mixed', 9000)]);
  expect(stored(ops)).toMatchObject([
    { speaker: 'Speaker 1', text: 'good morning thank', startMs: 1000, endMs: 1880, partyId: null, side: 'mixed' },
    { speaker: 'Speaker 2', text: 'you bye', startMs: 1900, endMs: 2500, voice: { label: '2', match: null } },
  ]);
  expect(stored(ops).flatMap(({ words }) => words)).not.toContainEqual(expect.objectContaining({ speaker: '1' }));
  const shown = live.filter((event) => event.type === 'utterance');
  expect(shown.map(({ segmentId }) => segmentId)).toEqual(['s1', null]);
});

test('what is known later relabels what is stored, and when it is settled parts it too', () => {
  const { analytics, ops, live } = mixedCall([
    said('s1', 1000, 'one moment please', '111'),
    said('s2', 4000, 'yes of course thanks', '----'),
    progress('mixed', 9000),
  ]);
  expect(lines(ops)).toEqual(['Speaker 1: one moment please', 'mixed: yes of course thanks']);
  analytics.onSpeech(
    turns([
      [900, 2000, '1'],
      [3900, 5300, '2'],
    ]),
  );
  expect(lines(ops)).toEqual(['Speaker 1: one moment please', 'Speaker 2: yes of course thanks']);
  const before = ops.length;
  analytics.onSpeech(
    turns([
      [900, 2000, '1'],
      [3900, 5300, '2'],
    ]),
  );
  expect(ops).toHaveLength(before);
  analytics.onSpeech(
    turns(
      [
        [900, 2000, '1'],
        [3900, 4850, '2'],
        [4850, 5300, '1'],
      ],
      true,
    ),
  );
  expect(lines(ops)).toEqual(['Speaker 1: one moment please', 'Speaker 2: yes of course', 'Speaker 1: thanks']);
  expect(stored(ops).map(({ revision }) => revision)).toEqual([1, 3, 1]);
  const told = live.flatMap((event) => (event.type === 'utterance' ? [event.utterance] : []));
  expect(told.at(-1)).toEqual(stored(ops)[2]);
  // Nothing of this is a late redaction: no export is to go, no page to be wiped.
  expect(ops.some(({ op }) => op === 'rewrite-utterance')).toBe(false);
});

test('a rule hears the stream: a phrase that a second voice ends is found', () => {
  const { ops } = mixedCall([said('s1', 1000, 'i want a refund', '1112'), progress('mixed', 9000)]);
  const findings = ops.flatMap((op) => (op.op === 'finding' ? [op.finding] : []));
  expect(findings).toMatchObject([{ ruleId: 'refund', side: 'mixed' }]);
});

test('a number that goes over a change of speaker is masked first, whole, and its times stay', () => {
  const text = 'card number is four one one one one one one one one one one one one one one one thanks';
  const speakers = `${'1'.repeat(9)}${'2'.repeat(11)}`;
  const { ops, end } = mixedCall([said('s1', 1000, text, speakers), progress('mixed', 15_000)]);
  end();
  expect(lines(ops)).toEqual(['Speaker 1: card number is [CARD]', 'Speaker 2: thanks']);
  const mask = stored(ops)[0]?.words.at(-1);
  expect(mask).toMatchObject({ text: '[CARD]', startMs: 1900, endMs: 1000 + 18 * 300 + 280 });
  expect(JSON.stringify(ops)).not.toContain('one');
});

test('two at once are marked, and each speaker has figures', () => {
  const { analytics, ops, end } = mixedCall([
    said('s1', 1000, 'i am speaking now for long', '111111'),
    said('s2', 4000, 'so am i in a way', '222222'),
    progress('mixed', 9000),
  ]);
  analytics.onSpeech(
    turns(
      [
        [1000, 5000, '1'],
        [4000, 5500, '2'],
        [9000, 9500, '1'],
      ],
      true,
    ),
  );
  end();
  expect(stored(ops).map(({ voice }) => voice?.overlaps)).toEqual([false, true]);
  const metrics = ops.flatMap((op) => (op.op === 'metrics' ? [op.metrics] : [])).at(-1);
  expect(metrics).toMatchObject({ overtalkMs: 1000, interruptions: { mixed: 0 } });
  expect(metrics?.speakers).toMatchObject([
    { side: 'mixed', label: '1', talkMs: 4500, interruptions: 0 },
    { side: 'mixed', label: '2', talkMs: 1500, interruptions: 1, talkSpeedWpm: 240 },
  ]);
});

test('a side that one party has keeps its name until a second voice is heard on it', () => {
  const { analytics, ops } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onSpeech(final('caller', 's1', 1000, 'good morning'));
  for (const side of ['caller', 'callee'] as const) analytics.onSpeech(progress(side, 9000));
  const one: SpeakerTurn[] = [{ startMs: 1000, endMs: 1600, speaker: '1' }];
  analytics.onSpeech({ type: 'speakers', callId, side: 'caller', turns: one, settled: false });
  expect(lines(ops)).toEqual(['Ann: good morning']);
  const two = [...one, { startMs: 4000, endMs: 6000, speaker: '2' }];
  analytics.onSpeech({ type: 'speakers', callId, side: 'caller', turns: two, settled: true });
  expect(lines(ops)).toEqual(['Ann, speaker 1: good morning']);
});
