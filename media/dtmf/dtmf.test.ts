import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { eventPayload } from '../testing/packets.ts';
import { keyTone, tone } from '#lib/testing/tones.ts';
import { KeyRuns } from './key-runs.ts';
import { TelephoneEvents } from './telephone-event.ts';
import { ToneDetector } from './tone-detector.ts';

const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];

class EventBench {
  readonly presses = new Set<number>();
  readonly ends: number[] = [];
  readonly events = new TelephoneEvents({
    pressed: (start) => this.presses.add(start),
    released: (end) => this.ends.push(end),
  });

  send(start: number, duration: number, ended = false, event = 5, timestamp = start): boolean {
    const payload = eventPayload(event, duration, ended);
    return this.events.packet(payload, 0, payload.length, 1, timestamp % 0x1_0000_0000, start, start + duration);
  }
}

describe('RFC 4733 events', () => {
  test('updates and three ends are one key', () => {
    const bench = new EventBench();
    for (const duration of [160, 320, 480]) bench.send(1000, duration);
    for (let i = 0; i < 3; i++) bench.send(1000, 640, true);
    expect([...bench.presses]).toEqual([1000]);
    expect(bench.ends).toEqual([1640]);
  });

  test('lost ends: the next key, or 200 ms of nothing, ends it', () => {
    const bench = new EventBench();
    bench.send(1000, 320);
    bench.send(4000, 320);
    expect(bench.ends).toEqual([1320]);
    bench.events.tick(4320 + 1599);
    expect(bench.ends).toHaveLength(1);
    bench.events.tick(4320 + 1601);
    expect(bench.ends).toEqual([1320, 4320]);
  });

  test('a key held for 20 s comes in segments without a gap', () => {
    const bench = new EventBench();
    for (const start of [0, 65_535]) bench.send(start, 65_535);
    bench.send(131_070, 28_930, true);
    expect([...bench.presses]).toEqual([0, 65_535, 131_070]);
    expect(bench.ends).toEqual([65_535, 131_070, 160_000]);
  });

  test('a packet of an earlier key that comes late presses nothing', () => {
    const bench = new EventBench();
    bench.send(1000, 640, true);
    bench.send(3000, 640, true);
    bench.send(1000, 640, true);
    expect([...bench.presses]).toEqual([1000, 3000]);
  });

  test('across the wrap of the timestamp', () => {
    const bench = new EventBench();
    bench.send(0xffff_ff00, 640, true);
    bench.send(0x1_0000_0000 + 4000, 640, true, 5, 4000);
    expect(bench.presses.size).toBe(2);
  });

  test('what is short, or no key (a fax tone event), is refused', () => {
    const bench = new EventBench();
    expect(bench.send(0, 160, false, 32)).toBe(false);
    expect(bench.events.packet(Uint8Array.of(1, 2), 0, 2, 1, 0, 0, 0)).toBe(false);
    expect(bench.presses.size).toBe(0);
  });
});

describe('KeyRuns', () => {
  test('keys up to 3 s apart are one run', () => {
    const runs = new KeyRuns();
    runs.add(8000, 8800);
    expect(runs.add(8800 + 24_000, 33_600)).toBeUndefined();
    expect(runs.due(33_600 + 24_000)).toBeUndefined();
    expect(runs.due(33_600 + 24_001)).toEqual({ startSample: 8000, endSample: 33_600 });
    expect(runs.finish()).toBeUndefined();
  });

  test('a later key begins another', () => {
    const runs = new KeyRuns();
    runs.add(0, 800);
    expect(runs.add(800 + 24_001, 30_000)).toEqual({ startSample: 0, endSample: 800 });
  });
});

describe('tones in the sound', () => {
  function found(pcm: Int16Array): { start: number; end: number } | undefined {
    let start = Infinity;
    let end = -1;
    const detector = new ToneDetector({
      tones: (from, to) => {
        start = Math.min(start, from);
        end = Math.max(end, to);
      },
    });
    const heard = decodeG711('pcma', encodeG711('pcma', pcm));
    for (let at = 0; at < heard.length; at += 320) detector.push(heard, at, Math.min(at + 320, heard.length));
    return end < 0 ? undefined : { start, end };
  }
  function surrounded(key: Int16Array, before: number): Int16Array {
    const pcm = new Int16Array(before + key.length + 2000);
    pcm.set(key, before);
    return pcm;
  }

  test.each(rows.flatMap((row) => columns.map((column) => [row, column] as const)))(
    '%i + %i Hz for 40 ms is found and covered, wherever it lies',
    (row, column) => {
      for (let before = 800; before < 800 + 106; before += 7) {
        const range = found(surrounded(keyTone(row, column, 320), before));
        expect(range).toBeDefined();
        expect(range?.start).toBeLessThanOrEqual(before);
        expect(range?.end).toBeGreaterThanOrEqual(before + 320);
      }
    },
  );

  test('quiet, off by 1.5 percent, and 8 dB between the tones', () => {
    const low = tone(770 * 1.015, 480, 250);
    const high = tone(1336 * 0.985, 480, 600);
    expect(
      found(
        surrounded(
          low.map((sample, n) => sample + (high[n] ?? 0)),
          1000,
        ),
      ),
    ).toBeDefined();
  });

  function noise(samples: number, amplitude: number): Int16Array {
    let seed = 1;
    return Int16Array.from({ length: samples }, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 0x8000_0000;
      return Math.round((seed / 0x4000_0000 - 1) * amplitude);
    });
  }

  test.each([-3, -15, -24])('40 ms at %i dBm0 in noise 10 dB below it', (dbm0) => {
    const amplitude = 32_767 * 10 ** ((dbm0 - 3.17) / 20);
    // Two tones have the power of one amplitude squared, noise of even spread a third of it.
    const pcm = noise(2400, (amplitude * Math.sqrt(3)) / 10 ** 0.5);
    for (const [index, sample] of keyTone(852, 1477, 320, amplitude).entries()) {
      pcm[900 + index] = Math.max(-32_768, Math.min(32_767, sample + (pcm[900 + index] ?? 0)));
    }
    expect(found(pcm)?.start).toBeLessThanOrEqual(900);
    expect(found(pcm)?.end).toBeGreaterThanOrEqual(1220);
  });

  test('a pair for 30 ms is none, nor one that glides, nor one that another tone stands beside', () => {
    for (let before = 800; before < 800 + 106; before += 7) {
      expect(found(surrounded(keyTone(770, 1336, 240), before))).toBeUndefined();
    }
    const glide = (hz: number): Int16Array =>
      Int16Array.from({ length: 480 }, (_, n) =>
        Math.round(6000 * Math.sin((2 * Math.PI * hz * (n + (n * n) / 6000)) / 8000)),
      );
    const [low, high, beside] = [glide(700), glide(1190), tone(500, 400, 3600)];
    expect(
      found(
        surrounded(
          low.map((sample, n) => sample + (high[n] ?? 0)),
          1000,
        ),
      ),
    ).toBeUndefined();
    const key = keyTone(770, 1336, 400);
    expect(
      found(
        surrounded(
          key.map((sample, n) => sample + (beside[n] ?? 0)),
          1000,
        ),
      ),
    ).toBeUndefined();
  });

  test('neither one tone, dial tone, busy tone, fax tone nor noise is a key', () => {
    const mix = (a: number, b: number): Int16Array => keyTone(a, b, 8000);
    for (const pcm of [
      tone(941, 8000),
      tone(1477, 8000),
      mix(350, 440),
      mix(480, 620),
      mix(400, 450),
      tone(1100, 8000),
      tone(2100, 8000),
      noise(80_000, 32_767),
    ]) {
      expect(found(pcm)).toBeUndefined();
    }
  });

  const hasEspeak = spawnSync('espeak-ng', ['--version']).status === 0;
  test.skipIf(!hasEspeak)('five voices reading for minutes press no key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidetone-talkoff-'));
    try {
      const text =
        'Good morning, you are through to accounts. I would like a refund for the second invoice, please. '.repeat(6);
      for (const voice of ['en', 'en-us+f3', 'en-gb+m2', 'en-gb-scotland+f1', 'en-us+m7']) {
        const path = join(folder, 'voice.wav');
        spawnSync('espeak-ng', ['-v', voice, '-w', path, text]);
        const { sampleRateHz, channels } = await readWav(path);
        const pcm = resample(channels[0] ?? new Int16Array(0), sampleRateHz);
        expect(pcm.length).toBeGreaterThan(8000 * 20);
        expect(found(pcm)).toBeUndefined();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
