import { describe, expect, test } from 'vitest';
import { eventPayload } from '../testing/packets.ts';
import { toneShare } from '#lib/testing/tones.ts';
import { columnsHz, rowsHz } from './frequencies.ts';
import { KeyTones, type ToneStretch } from './key-tones.ts';

class Bench {
  readonly keys = new KeyTones();

  send(timestamp: number, duration: number, { event = 5, ended = false, ssrc = 1 } = {}): ToneStretch | undefined {
    return this.keys.packet(eventPayload(event, duration, ended), 0, 4, ssrc, timestamp);
  }
}

/** Full scale is +3.17 dBm0. */
function levelDbm0(pcm: Int16Array, hz: number): number {
  const power = pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;
  return 10 * Math.log10((toneShare(pcm, hz) * power) / (32_767 ** 2 / 2)) + 3.17;
}

describe('the sound of a key', () => {
  const pad = ['1', '2', '3', 'A', '4', '5', '6', 'B', '7', '8', '9', 'C', '*', '0', '#', 'D'];
  const eventOf = (key: string): number => '0123456789*#ABCD'.indexOf(key);

  test.each(pad.map((key, place) => [key, rowsHz[place >> 2] ?? 0, columnsHz[place & 3] ?? 0]))(
    '%s is %i and %i Hz, at -9 and -7 dBm0',
    (key, rowHz, columnHz) => {
      const bench = new Bench();
      /** 0.3 s, so that Goertzel tells neighbours apart to a hundredth. */
      const parts = Array.from({ length: 6 }, (_, n) => bench.send(0, 400 * (n + 1), { event: eventOf(key) }));
      const pcm = Int16Array.from(parts.flatMap((part) => [...(part?.pcm ?? [])]));
      expect(pcm).toHaveLength(2400);
      expect(levelDbm0(pcm, rowHz)).toBeCloseTo(-9, 1);
      expect(levelDbm0(pcm, columnHz)).toBeCloseTo(-7, 1);
      expect(toneShare(pcm, rowHz) + toneShare(pcm, columnHz)).toBeGreaterThan(0.99);
    },
  );

  test('other events make none', () => {
    expect(new Bench().send(0, 800, { event: 16 })).toBeUndefined();
    expect(new KeyTones().packet(new Uint8Array(3), 0, 3, 1, 0)).toBeUndefined();
  });
});

describe('packet by packet', () => {
  test('each sounds what it tells of anew; repeated, late and foreign ones nothing', () => {
    const bench = new Bench();
    expect(bench.send(1000, 160)).toMatchObject({ timestamp: 1000, pcm: { length: 160 } });
    expect(bench.send(1000, 480)).toMatchObject({ timestamp: 1160, pcm: { length: 320 } });
    expect(bench.send(1000, 320)).toBeUndefined();
    expect(bench.send(1000, 640, { ended: true })).toMatchObject({ timestamp: 1480, pcm: { length: 160 } });
    expect(bench.send(1000, 640, { ended: true })).toBeUndefined();
    expect(bench.send(3000, 160)).toMatchObject({ timestamp: 3000 });
    expect(bench.send(1000, 800, { ended: true })).toBeUndefined();
  });

  test('after a loss no packet is longer than 60 ms, and it lies where it belongs', () => {
    const bench = new Bench();
    bench.send(1000, 160);
    expect(bench.send(1000, 1600)).toMatchObject({ timestamp: 2120, pcm: { length: 480 } });
  });

  test('a key in segments sounds without a seam, past the wrap of the timestamp too', () => {
    const bench = new Bench();
    const first = 0xffff_ff00;
    bench.send(first, 65_300);
    const end = bench.send(first, 65_535, { ended: false });
    const next = bench.send((first + 65_535) % 0x1_0000_0000, 400);
    expect(next?.timestamp).toBe(((end?.timestamp ?? 0) + 235) % 0x1_0000_0000);
    const joined = Int16Array.of(...(end?.pcm ?? []), ...(next?.pcm ?? []));
    expect(toneShare(joined, 770) + toneShare(joined, 1336)).toBeGreaterThan(0.99);
  });
});

test('sound beside a key gives way until the key is over, or 100 ms past its last sign', () => {
  const bench = new Bench();
  bench.send(1000, 400);
  expect([999, 1000, 2199, 2200].map((timestamp) => bench.keys.covers(1, timestamp))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  bench.send(1000, 480, { ended: true });
  expect([1479, 1480].map((timestamp) => bench.keys.covers(1, timestamp))).toEqual([true, false]);
  expect(bench.keys.covers(2, 1200)).toBe(false);
});
