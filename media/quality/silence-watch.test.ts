import { expect, test } from 'vitest';
import { SilenceWatch } from './silence-watch.ts';

test('a stream falls silent once, after longer where its sender leaves out silence, and never while nothing is expected', () => {
  const watch = new SilenceWatch();
  watch.heard(0);
  expect(watch.fellSilent(60_000, 8000, 60_000)).toBe(false);
  watch.expect(true, 1000);
  expect(watch.fellSilent(8999, 8000, 60_000)).toBe(false);
  expect([watch.fellSilent(9000, 8000, 60_000), watch.fellSilent(9001, 8000, 60_000)]).toEqual([true, false]);
  watch.silent = false;
  watch.heard(10_000, true);
  expect([watch.fellSilent(69_999, 8000, 60_000), watch.fellSilent(70_000, 8000, 60_000)]).toEqual([false, true]);
  watch.expect(false, 71_000);
  expect([watch.silent, watch.expected, watch.quietMs(999_999)]).toEqual([false, false, -Infinity]);
});
