import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

function limitAt(limit: number, maxKeys = 100) {
  const clock = { ms: 0, nowMs: () => clock.ms, nowEpochMs: () => clock.ms };
  return { clock, rate: new RateLimit({ limit, windowMs: 60_000, maxKeys }, clock) };
}

test('holds a key for the rest of its window, and no other', () => {
  const { clock, rate } = limitAt(2);
  rate.count('a');
  expect(rate.waitS('a')).toBe(0);
  clock.ms = 15_000;
  rate.count('a');
  expect(rate.waitS('a')).toBe(45);
  expect(rate.waitS('b')).toBe(0);
  clock.ms = 60_000;
  expect(rate.waitS('a')).toBe(0);
});

test('a count that is taken back does not hold', () => {
  const { rate } = limitAt(1);
  rate.count('a');
  rate.uncount('a');
  expect(rate.waitS('a')).toBe(0);
});

test('the table is bounded', () => {
  const { rate } = limitAt(1, 3);
  for (const key of ['a', 'b', 'c', 'd']) rate.count(key);
  expect(rate.waitS('a')).toBe(0);
  expect(rate.waitS('d')).toBeGreaterThan(0);
});
