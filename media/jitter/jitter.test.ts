import { describe, expect, test } from 'vitest';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { tone, toneShare } from '#lib/testing/tones.ts';
import { pcmuPayload } from '../testing/packets.ts';
import { TimelineBench } from '../testing/timeline.ts';

function companded(pcm: Int16Array): Int16Array {
  return decodeG711('pcmu', encodeG711('pcmu', pcm));
}

describe('a whole stream comes out sample for sample', () => {
  test.each([10, 20, 30, 40, 60])('at %i ms a packet', (ptimeMs) => {
    const bench = new TimelineBench();
    const pcm = tone(440, 9600);
    const end = bench.timeline.finish(bench.stream({ caller: pcm }, { ptimeMs }));
    expect(bench.outOf('caller').subarray(0, 9600)).toEqual(companded(pcm));
    expect(end).toBe(9600);
    expect(bench.timeline.channel('caller').filledSamples).toBe(0);
    expect(bench.timeline.channel('caller').droppedSamples).toBe(0);
  });

  test('across the wrap of the timestamp', () => {
    const bench = new TimelineBench();
    const pcm = tone(440, 8000);
    bench.timeline.finish(bench.stream({ caller: pcm }, { timestamp: 0x1_0000_0000 - 4000 }));
    expect(bench.outOf('caller')).toEqual(companded(pcm));
  });

  test('when every second packet comes 50 ms late, behind its successors', () => {
    const bench = new TimelineBench();
    const pcm = tone(440, 16_000);
    const packets = Array.from({ length: 100 }, (_, n) => ({ n, atMs: 20 * n + 20 + (n % 2 === 1 ? 50 : 0) }));
    packets.sort((a, b) => a.atMs - b.atMs);
    for (const { n, atMs } of packets) {
      bench.audio('caller', atMs, 160 * n, pcm.subarray(160 * n, 160 * n + 160));
      bench.timeline.advance(atMs);
    }
    bench.timeline.finish(2060);
    expect(bench.outOf('caller').subarray(0, 16_000)).toEqual(companded(pcm));
    expect(bench.timeline.channel('caller').droppedSamples).toBe(0);
  });
});

test('a lost packet is concealed by what went before, and counted', () => {
  const bench = new TimelineBench();
  const pcm = tone(400, 8000);
  for (let n = 0; n < 50; n++) {
    if (n !== 20) bench.audio('caller', 20 * n + 20, 160 * n, pcm.subarray(160 * n, 160 * n + 160));
    bench.timeline.advance(20 * n + 20);
  }
  bench.timeline.finish(1000);
  const hole = bench.outOf('caller').subarray(3200, 3360);
  expect(bench.timeline.channel('caller').filledSamples).toBe(160);
  expect(toneShare(hole, 400)).toBeGreaterThan(0.9);
});

test('a long gap fades to silence within 60 ms', () => {
  const bench = new TimelineBench();
  const pcm = tone(400, 1600);
  bench.stream({ caller: pcm });
  bench.timeline.finish(1000);
  const gap = bench.outOf('caller').subarray(1600);
  expect(gap.subarray(0, 80).some((sample) => Math.abs(sample) > 1000)).toBe(true);
  expect(gap.subarray(480).every((sample) => sample === 0)).toBe(true);
  expect(bench.timeline.channel('caller').filledSamples).toBe(6400);
});

test('a stream that begins late lies where it began, silent before', () => {
  const bench = new TimelineBench();
  bench.stream({ caller: tone(300, 8000) });
  const late = tone(800, 4000);
  bench.stream({ caller: tone(300, 4000), callee: late }, { fromMs: 1000, timestamp: 8000 });
  bench.timeline.finish(1500);
  const callee = bench.outOf('callee');
  expect(callee.subarray(0, 8000).every((sample) => sample === 0)).toBe(true);
  expect(callee.subarray(8000, 12_000)).toEqual(companded(late));
});

test('silence suppression: the gap is filled, what follows is in its place', () => {
  const bench = new TimelineBench();
  const pcm = tone(300, 800);
  bench.stream({ caller: pcm });
  bench.stream({ caller: pcm }, { fromMs: 2100, timestamp: 16_800 });
  bench.timeline.finish(2200);
  expect(bench.outOf('caller').subarray(16_800)).toEqual(companded(pcm));
  expect(bench.timeline.channel('caller').filledSamples).toBe(16_000);
});

test.each([
  ['forward', 1_000_000],
  ['back', 0xffff_ffff - 1_000_000],
])('a timestamp that jumps %s costs at most 120 ms', (_, jump) => {
  const bench = new TimelineBench();
  bench.stream({ caller: tone(300, 8000) }, { timestamp: 2_000_000 });
  const after = tone(700, 8000);
  bench.stream({ caller: after }, { fromMs: 1000, timestamp: 2_008_000 + jump });
  bench.timeline.finish(2000);
  const out = bench.outOf('caller');
  expect(out.length).toBe(16_000);
  expect(out.subarray(8960)).toEqual(companded(after).subarray(960));
  expect(bench.timeline.channel('caller').droppedSamples).toBeLessThanOrEqual(960);
});

test('one packet with a wild timestamp does not move the stream', () => {
  const bench = new TimelineBench();
  const pcm = tone(300, 8000);
  bench.stream({ caller: pcm });
  expect(bench.audio('caller', 1020, 77_000_000, tone(2000, 160))).toBe(false);
  bench.stream({ caller: pcm }, { fromMs: 1020, timestamp: 8160 });
  bench.timeline.finish(2020);
  expect(bench.outOf('caller').subarray(8160)).toEqual(companded(pcm));
});

test('a new SSRC goes on at once where the old one stopped', () => {
  const bench = new TimelineBench();
  bench.stream({ caller: tone(300, 8000) });
  const next = tone(700, 160 * 20);
  for (let n = 0; n < 20; n++) {
    bench.audio('caller', 1020 + 20 * n, 9_999 + 160 * n, next.subarray(160 * n, 160 * n + 160), 99);
    bench.timeline.advance(1020 + 20 * n);
  }
  bench.timeline.finish(1400);
  expect(bench.outOf('caller').subarray(8000)).toEqual(companded(next));
});

test('after a stall of the network the burst of old packets is late, and the stream goes on in its place', () => {
  const bench = new TimelineBench();
  const pcm = tone(300, 32_000);
  const at = (n: number): number => (n >= 50 && n < 150 ? 3000 : 20 * n + 20);
  let late = 0;
  for (let n = 0; n < 200; n++) {
    if (n === 50) for (let ms = 1020; ms < 3000; ms += 20) bench.timeline.advance(ms);
    if (!bench.audio('caller', at(n), 160 * n, pcm.subarray(160 * n, 160 * n + 160))) late++;
    bench.timeline.advance(at(n));
  }
  bench.timeline.finish(4000);
  expect(bench.outOf('caller').subarray(24_000)).toEqual(companded(pcm).subarray(24_000));
  expect(late).toBeGreaterThan(70);
});

describe('a sender whose clock drifts', () => {
  /** Clicks sounded at the same wall time on both legs come out within 40 ms of each other. */
  function slide(ppm: number, seconds: number, background: number): { worst: number; filled: number; dropped: number } {
    const clicks: Record<'caller' | 'callee', number[]> = { caller: [], callee: [] };
    let released = 0;
    const bench = new TimelineBench((block, samples) => {
      for (const [side, offset] of [
        ['caller', 0],
        ['callee', 800],
      ] as const) {
        for (let i = 0; i < samples; i++) {
          const position = released + i;
          const last = clicks[side].at(-1) ?? -8000;
          if ((block[offset + i] as number) > 20_000 && position > last + 4000) clicks[side].push(position);
        }
      }
      released += samples;
    });
    const quiet = pcmuPayload(Int16Array.from({ length: 160 }, (_, n) => (n % 2 === 0 ? background : -background)));
    const click = pcmuPayload(new Int16Array(160).fill(30_000));
    bench.clock.start(20, 160);
    const rate = 1 + ppm / 1e6;
    let callee = 0;
    for (let n = 0; n < seconds * 50; n++) {
      const nowMs = 20 * n + 20;
      bench.payload('caller', nowMs, 160 * n, n % 500 === 250 ? click : quiet);
      for (; (20 * callee + 20) / rate <= nowMs; callee++) {
        const spokenMs = (20 * callee) / rate;
        const isClick = Math.floor((spokenMs + 10) / 20) % 500 === 250;
        bench.payload('callee', (20 * callee + 20) / rate, 160 * callee, isClick ? click : quiet, 2);
      }
      bench.timeline.advance(nowMs);
    }
    expect(clicks.callee.length).toBe(clicks.caller.length);
    expect(clicks.caller.length).toBe(seconds / 10);
    const worst = Math.max(...clicks.caller.map((position, n) => Math.abs(position - (clicks.callee[n] ?? Infinity))));
    const { filledSamples, droppedSamples } = bench.timeline.channel('callee');
    return { worst, filled: filledSamples, dropped: droppedSamples };
  }
  test('200 ppm fast, 2 hours: samples are dropped, the channels stay together', () => {
    const { worst, dropped } = slide(200, 7200, 4);
    expect(worst).toBeLessThanOrEqual(320);
    expect(dropped).toBeGreaterThan(0.95 * 7200 * 8000 * 200e-6);
  });

  test('200 ppm slow, 2 hours: samples are filled, the channels stay together', () => {
    const { worst, filled } = slide(-200, 7200, 4);
    expect(worst).toBeLessThanOrEqual(320);
    expect(filled).toBeGreaterThan(0.95 * 7200 * 8000 * 200e-6);
  });

  test('also when there is never a quiet moment', () => {
    expect(slide(200, 600, 3000).worst).toBeLessThanOrEqual(320);
  });
});
