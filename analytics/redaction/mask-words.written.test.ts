import { expect, test } from 'vitest';
import type { WrittenSpan } from '#asr/types.ts';
import { heardSegment } from './talk.ts';
import { redactedSegment } from './mask-words.ts';

function segmentOf(text: string, written: readonly WrittenSpan[], said = text) {
  const words = said
    .split(' ')
    .map((each, index) => ({ text: each, startMs: index * 100, endMs: index * 100 + 90, confidence: 0.9 }));
  const times = { startMs: 0, endMs: words.length * 100 };
  const of = { callId: 'c', side: 'caller', segmentId: 's', confidence: 0.9, language: 'en' } as const;
  return heardSegment({ type: 'final', ...of, ...times, text, words, written });
}
const row: WrittenSpan = { from: 2, to: 5, text: '123', kind: 'digits' };
const time: WrittenSpan = { from: 6, to: 8, text: '4:30', kind: 'time' };
const text = 'it is one two three at four thirty';

test('a span stands where its words have gone', () => {
  expect(redactedSegment(segmentOf(text, [row, time])).written).toEqual([row, time]);
  const segment = segmentOf(text, [row, time]);
  for (const index of [2, 3, 4]) segment.words[index]!.mask = 'digits';
  const { words, written } = redactedSegment(segment);
  expect(words.map((word) => word.text)).toEqual(['it', 'is', '[DIGITS]', 'at', 'four', 'thirty']);
  expect(written).toEqual([{ ...time, from: 4, to: 6 }]);
});

test.each([2, 3, 4])('one masked word takes its whole span away: word %i', (index) => {
  const segment = segmentOf(text, [row]);
  segment.words[index]!.mask = 'cvv';
  const { written, words } = redactedSegment(segment);
  expect(written).toEqual([]);
  expect(JSON.stringify(words)).not.toContain('123');
});

test('a word that nothing masks but that vanishes between two masked ones takes its span away too', () => {
  const segment = segmentOf('one uh two', [{ from: 1, to: 2, text: 'er', kind: 'letters' }]);
  segment.words[0]!.mask = 'card';
  segment.words[2]!.mask = 'card';
  expect(redactedSegment(segment)).toMatchObject({ text: '[CARD]', written: [] });
});

test('spans over other words than those of the text are not used', () => {
  expect(redactedSegment(segmentOf(`${text} and more`, [row], text)).written).toEqual([]);
});
