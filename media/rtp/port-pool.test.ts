import { expect, test } from 'vitest';
import { PortPool, splitPortRange } from './port-pool.ts';

test('lends even ports, longest unused first, and rests them after use', () => {
  const pool = new PortPool(2000, 2005, 15_000);
  expect([pool.take(0), pool.take(0), pool.take(0), pool.take(0)]).toEqual([2000, 2002, 2004, undefined]);
  pool.giveBack(2002, 1000);
  pool.giveBack(2000, 2000);
  expect(pool.take(15_999)).toBeUndefined();
  expect(pool.take(16_000)).toBe(2002);
  expect(pool.take(16_000)).toBeUndefined();
  expect(pool.take(17_000)).toBe(2000);
  expect(pool.lent).toBe(3);
});

test('a successor starts past the ports that its predecessor lent', () => {
  const pool = new PortPool(2000, 2007, 15_000, 2004);
  expect([pool.take(0), pool.take(0), pool.take(0), pool.take(0)]).toEqual([2004, 2006, 2000, 2002]);
});

test('a range is cut into whole pairs, none lost, none shared', () => {
  expect(splitPortRange({ first: 2000, last: 2009 }, 2)).toEqual([
    { first: 2000, last: 2003 },
    { first: 2004, last: 2009 },
  ]);
});
