import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partedAt, partedBySpeaker } from './pieces.ts';

const word = (text: string, startMs: number, endMs: number, speaker?: string) => ({
  text,
  startMs,
  endMs,
  confidence: 1,
  ...(speaker === undefined ? {} : { speaker }),
});

test('parted by speaker, every word is there once, in order, and no piece has two speakers', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('1', '2', '3', undefined)), (speakers) => {
      const words = speakers.map((speaker, index) => word(String(index), index, index + 1, speaker));
      const pieces = partedBySpeaker(words);
      expect(pieces.flat()).toEqual(words);
      for (const piece of pieces) expect(new Set(piece.flatMap(({ speaker }) => speaker ?? [])).size).toBeLessThan(2);
    }),
  );
});

test('a mask over two pieces stands in both, and covers all that it covered', () => {
  const words = [word('card', 0, 100), word('[CARD]', 200, 900), word('bye', 1000, 1100)];
  expect(partedAt(words, [500])).toEqual([[word('card', 0, 100), word('[CARD]', 200, 900)], [word('bye', 1000, 1100)]]);
  expect(partedAt(words, [500, 950])).toEqual([
    [word('card', 0, 100), word('[CARD]', 200, 500)],
    [word('[CARD]', 500, 900)],
    [word('bye', 1000, 1100)],
  ]);
});
