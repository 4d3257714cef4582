import { describe, expect, test } from 'vitest';
import type { TalkSide } from '#sip/types.ts';
import { eventPayload } from '../testing/packets.ts';
import { TimelineBench } from '../testing/timeline.ts';
import { keyTone, tone, toneShare } from '#lib/testing/tones.ts';

const pad = 480;
const talk = tone(300, 32_000);

function isSilent(pcm: Int16Array, from: number, to: number): boolean {
  return pcm.subarray(from, to).every((sample) => sample === 0);
}

/** The first and last zero sample of the one silent stretch (over 20 ms) of a signal. */
function silentStretch(pcm: Int16Array): { from: number; to: number } {
  let from = -1;
  let to = -1;
  let run = 0;
  pcm.forEach((sample, n) => {
    run = sample === 0 ? run + 1 : 0;
    if (run < 160) return;
    if (from < 0) from = n - run + 1;
    to = n + 1;
  });
  return { from, to };
}

describe('keys are zero on both channels, 60 ms around, before anything is handed on', () => {
  test('RFC 4733: to the sample', () => {
    const bench = new TimelineBench();
    for (let n = 0; n < 200; n++) {
      const nowMs = 20 * n + 20;
      for (const side of ['caller', 'callee'] as TalkSide[]) {
        const keyed = side === 'callee' && n >= 100 && n < 110;
        if (keyed) continue;
        bench.audio(side, nowMs, 160 * n, talk.subarray(160 * n, 160 * n + 160));
      }
      if (n >= 100 && n < 113) {
        const payload = eventPayload(7, Math.min(1600, 160 * (n - 99)), n >= 109);
        bench.timeline.telephoneEvent('callee', payload, 0, 4, 1, 16_000, nowMs);
      }
      bench.timeline.advance(nowMs);
    }
    bench.timeline.finish(4000);
    for (const side of ['caller', 'callee'] as const) {
      expect(isSilent(bench.outOf(side), 16_000 - pad, 17_600 + pad)).toBe(true);
    }
    const caller = silentStretch(bench.outOf('caller'));
    expect(caller.from).toBeGreaterThan(16_000 - pad - 2);
    expect(caller.to).toBeLessThan(17_600 + pad + 2);
    expect(bench.runs).toEqual([{ side: 'callee', startSample: 16_000, endSample: 17_600 }]);
    expect(bench.mutedLate).toEqual([]);
  });

  test.each([0, 40, 77, 133, 239])('tones in the sound, %i samples off the grid', (offset) => {
    const bench = new TimelineBench();
    const onset = 12_000 + offset;
    const pcm = talk.slice();
    pcm.fill(0, onset, onset + 320);
    pcm.set(keyTone(852, 1336, 320), onset);
    bench.timeline.finish(bench.stream({ caller: pcm, callee: talk }));
    expect(isSilent(bench.outOf('caller'), onset - pad, onset + 320 + pad)).toBe(true);
    expect(isSilent(bench.outOf('callee'), onset - pad, onset + 320 + pad)).toBe(true);
    const { from, to } = silentStretch(bench.outOf('callee'));
    expect(to - from).toBeLessThan(320 + 2 * pad + 1000);
    expect(bench.runs).toHaveLength(1);
  });

  test('SIP INFO: what is on the timeline is zeroed, what was handed on already is told', () => {
    const bench = new TimelineBench();
    const nowMs = bench.stream({ caller: talk.subarray(0, 16_000), callee: talk.subarray(0, 16_000) });
    bench.timeline.key('caller', 1600, nowMs);
    bench.stream({ caller: talk, callee: talk }, { fromMs: nowMs, timestamp: 16_000 });
    bench.timeline.finish(6000);
    const late = bench.mutedLate[0];
    expect(late?.startSample).toBe(16_000 - 1600 - pad);
    expect(isSilent(bench.outOf('callee'), late?.endSample ?? 0, 16_000 + pad)).toBe(true);
    expect(bench.runs).toEqual([{ side: 'caller', startSample: 14_400, endSample: 16_000 }]);
  });
});

test('a run of keys is one event, told once it has been quiet for 3 s', () => {
  const bench = new TimelineBench();
  const press = (side: TalkSide, timestamp: number): void => {
    bench.timeline.telephoneEvent(side, eventPayload(1, 800, true), 0, 4, 1, timestamp, (timestamp + 800) / 8);
  };
  bench.stream({ caller: talk });
  for (const timestamp of [32_000, 40_000, 60_000]) press('caller', timestamp);
  bench.timeline.advance(7600 + 2900);
  expect(bench.runs).toEqual([]);
  bench.timeline.advance(7600 + 3200);
  expect(bench.runs).toEqual([{ side: 'caller', startSample: 32_000, endSample: 60_800 }]);
});

test('each side stays in its channel, and the blocks have no gap', () => {
  const bench = new TimelineBench();
  const end = bench.timeline.finish(bench.stream({ caller: tone(440, 20_000), callee: tone(620, 20_000) }));
  const caller = bench.outOf('caller');
  const callee = bench.outOf('callee');
  expect([caller.length, callee.length]).toEqual([end, end]);
  expect(toneShare(caller, 440)).toBeGreaterThan(0.95);
  expect(toneShare(caller, 620)).toBeLessThan(0.01);
  expect(toneShare(callee, 620)).toBeGreaterThan(0.95);
});

test('made-up keys silence nothing that was said long ago, and by the thousand next to nothing at all', () => {
  const bench = new TimelineBench();
  const nowMs = bench.stream({ caller: tone(300, 8000 * 30), callee: tone(500, 8000 * 30) });
  // Each a new key, from a second after the beginning on, longer than the last is away.
  for (let n = 0; n < 5000; n++) {
    bench.timeline.telephoneEvent('callee', eventPayload(5, 65_535), 0, 4, 1, 8000 + 40 * n, nowMs);
  }
  const mutedFrom = Math.min(...bench.mutedLate.map(({ startSample }) => startSample));
  expect(mutedFrom).toBeGreaterThan(8000 * (30 - 10) - 2 * pad);
  expect(bench.mutedLate.length).toBeLessThan(60);
  bench.timeline.finish(nowMs + 20_000);
  expect(
    bench
      .outOf('caller')
      .subarray(8000 * 31)
      .every((sample) => sample === 0),
  ).toBe(true);
  expect(bench.runs.every(({ endSample }) => endSample <= 8000 * 31)).toBe(true);
});
