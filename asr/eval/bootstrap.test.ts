import { expect, test } from 'vitest';
import { seededRandom } from '#lib/testing/random.ts';
import { differenceInterval, rate, rateInterval, type Tally } from './bootstrap.ts';

/** Utterances of ten words, each word wrong with a chance. */
function spoken(count: number, chance: number, seed: number): Tally[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    errors: Array.from({ length: 10 }, () => random()).filter((each) => each < chance).length,
    of: 10,
  }));
}

test('the interval is as wide as binomial words make it, and narrows with the root of their number', () => {
  const few = rateInterval(spoken(100, 0.1, 1));
  const many = rateInterval(spoken(1600, 0.1, 2));
  // 1.96 * sqrt(0.1 * 0.9 / 1000) = 1.86 points each way.
  expect(few.high - few.low).toBeGreaterThan(2.6);
  expect(few.high - few.low).toBeLessThan(4.8);
  expect((few.high - few.low) / (many.high - many.low)).toBeCloseTo(4, -0.3);
  expect(many.low).toBeLessThan(10);
  expect(many.high).toBeGreaterThan(10);
});

test('95 of 100 intervals hold the true rate', () => {
  const held = Array.from({ length: 60 }, (_, seed) => rateInterval(spoken(80, 0.2, 100 + seed))).filter(
    ({ low, high }) => low <= 20 && 20 <= high,
  );
  expect(held.length).toBeGreaterThanOrEqual(51);
});

test('a difference on the same utterances is told where two intervals would overlap', () => {
  const before = spoken(200, 0.1, 3);
  const after = before.map(({ errors, of }, index) => ({
    errors: index % 8 === 0 ? Math.max(0, errors - 1) : errors,
    of,
  }));
  const [first, second] = [rateInterval(before), rateInterval(after)];
  expect(second.high).toBeGreaterThan(first.low);
  const difference = differenceInterval(before, after);
  expect(difference.high).toBeLessThan(0);
  expect(difference.low).toBeLessThanOrEqual(rate(after) - rate(before));
  expect(() => differenceInterval(before, after.slice(1))).toThrow(RangeError);
});

test('nothing heard has no interval', () => {
  expect(rateInterval([])).toEqual({ low: Number.NaN, high: Number.NaN });
});
