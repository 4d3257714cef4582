import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeCallMetrics, type Speech } from './call-metrics.ts';
import { complement, intersection, totalMs, union } from './intervals.ts';

const speech = (side: Speech['side'], startMs: number, endMs: number, words = 10): Speech => ({
  side,
  startMs,
  endMs,
  words,
  sentiment: 0,
});
const metricsOf = (said: readonly Speech[], holds: { startMs: number; endMs: number }[] = [], endMs = 60_000) =>
  computeCallMetrics({
    callId: 'c',
    window: { startMs: 10_000, endMs },
    speech: said,
    holds,
    interruptionThresholdMs: 500,
  });

test('what was said before the answer does not count', () => {
  const metrics = metricsOf([speech('callee', 0, 9_000), speech('caller', 8_000, 12_000)]);
  expect(metrics.talkMs).toEqual({ caller: 2_000, callee: 0 });
  expect(metrics.talkSpeedWpm.callee).toBeNull();
});

test('overtalk counts twice in talk time, once in overtalk', () => {
  const metrics = metricsOf([speech('caller', 10_000, 30_000, 50), speech('callee', 25_000, 40_000, 30)]);
  expect(metrics.talkMs).toEqual({ caller: 20_000, callee: 15_000 });
  expect(metrics.overtalkMs).toBe(5_000);
  expect(metrics.talkSpeedWpm).toEqual({ caller: 150, callee: 120 });
  expect(metrics.interruptions).toEqual({ caller: 0, callee: 1 });
});

test('an overlap of 499 ms is no interruption, one of 500 ms is', () => {
  const first = speech('caller', 10_000, 20_000);
  expect(metricsOf([first, speech('callee', 19_501, 30_000)]).interruptions.callee).toBe(0);
  expect(metricsOf([first, speech('callee', 19_500, 30_000)]).interruptions.callee).toBe(1);
});

test('non-talk is silence of both sides over 3 s, plus hold', () => {
  // Silent 20-23 s (a pause), 30-40 s (hold), 40-46 s (non-talk); talk until the end.
  const said = [speech('caller', 10_000, 20_000), speech('callee', 23_000, 30_000), speech('caller', 46_000, 60_000)];
  const metrics = metricsOf(said, [{ startMs: 30_000, endMs: 40_000 }]);
  expect(metrics.holdMs).toBe(10_000);
  expect(metrics.nonTalkMs).toBe(16_000);
});

const intervals = fc.array(
  fc.tuple(fc.nat(200), fc.nat(50)).map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs })),
);

test('intervals agree with counting milliseconds one by one', () => {
  const window = { startMs: 20, endMs: 220 };
  const covers = (list: readonly { startMs: number; endMs: number }[], ms: number): boolean =>
    list.some(({ startMs, endMs }) => ms >= startMs && ms < endMs);
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      const everyMs = Array.from({ length: 260 }, (_, ms) => ms);
      expect(totalMs(union(a))).toBe(everyMs.filter((ms) => covers(a, ms)).length);
      expect(totalMs(intersection(union(a), union(b)))).toBe(
        everyMs.filter((ms) => covers(a, ms) && covers(b, ms)).length,
      );
      expect(totalMs(complement(union(a), window))).toBe(
        everyMs.filter((ms) => covers([window], ms) && !covers(a, ms)).length,
      );
    }),
  );
});
