import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeCallMetrics, type MetricsInput, type Speech } from './call-metrics.ts';
import { complement, intersection, totalMs, union } from './intervals.ts';

const speech = (side: Speech['side'], startMs: number, endMs: number, words = 10): Speech => ({
  side,
  startMs,
  endMs,
  words,
  sentiment: 0,
});
const metricsOf = (said: readonly Speech[], more: Partial<MetricsInput> = {}) =>
  computeCallMetrics({
    callId: 'c',
    sides: ['caller', 'callee'],
    window: { startMs: 10_000, endMs: 60_000 },
    speech: said,
    holds: [],
    pauses: [],
    interruptionThresholdMs: 500,
    ...more,
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
  const metrics = metricsOf(said, { holds: [{ startMs: 30_000, endMs: 40_000 }] });
  expect(metrics.holdMs).toBe(10_000);
  expect(metrics.nonTalkMs).toBe(16_000);
});

test('with three sides overtalk is any two at once, and each interrupts any other', () => {
  const said = [
    speech('caller', 10_000, 20_000),
    speech('other', 18_000, 30_000),
    speech('callee', 19_000, 26_000),
    speech('caller', 40_000, 41_000),
  ];
  const metrics = metricsOf(said, { sides: ['caller', 'callee', 'other'] });
  expect(metrics.talkMs).toEqual({ caller: 11_000, callee: 7_000, other: 12_000 });
  // 18-20 s caller and other, 19-26 s callee and other.
  expect(metrics.overtalkMs).toBe(8_000);
  expect(metrics.interruptions).toEqual({ caller: 0, callee: 1, other: 1 });
  expect(metrics.nonTalkMs).toBe(10_000 + 19_000);
  expect(metrics.sentiment.other).toMatchObject({ meanOfUtterances: 0 });
});

test('of one stream that carries everybody it tells who speaks in it nothing', () => {
  const said = [speech('mixed', 10_000, 20_000, 50), speech('mixed', 19_000, 30_000, 50)];
  const metrics = metricsOf(said, { sides: ['mixed'] });
  expect(metrics).toMatchObject({ overtalkMs: 0, interruptions: { mixed: 0 }, nonTalkMs: 30_000 });
  expect(metrics.talkMs).toEqual({ mixed: 20_000 });
  expect(metrics.talkSpeedWpm).toEqual({ mixed: 300 });
  expect(Object.keys(metrics.sentiment)).toEqual(['mixed']);
});

test('a pause is neither talk nor non-talk, and on hold neither', () => {
  // Silent 20-22 s, paused 22-40 s (on hold from 30 s on), on hold until 45 s.
  const said = [speech('caller', 10_000, 20_000), speech('callee', 45_000, 60_000)];
  const pauses = [{ startMs: 22_000, endMs: 40_000 }];
  const metrics = metricsOf(said, { pauses, holds: [{ startMs: 30_000, endMs: 45_000 }] });
  expect(metrics).toMatchObject({ nonTalkMs: 5_000, holdMs: 15_000, talkMs: { caller: 10_000, callee: 15_000 } });
  expect(metrics.durationMs).toBe(50_000);
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
