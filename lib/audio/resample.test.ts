import { describe, expect, test } from 'vitest';
import { resample, StreamResampler } from './resample.ts';

function tone(rateHz: number, toneHz: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, n) =>
    Math.round(16_000 * Math.sin((2 * Math.PI * toneHz * n) / rateHz)),
  );
}

function rms(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
}

describe.each([16_000, 22_050, 24_000, 44_100, 48_000, 6_000])('from %i Hz', (fromHz) => {
  test('a tone comes out as the same tone at 8 kHz, in place', () => {
    const out = resample(tone(fromHz, 1000, fromHz), fromHz);
    const wanted = tone(8000, 1000, 8000);
    expect(out.length).toBe(8000);
    const middle = out.subarray(400, 7600);
    const error = middle.map((sample, n) => sample - (wanted[n + 400] ?? 0));
    expect(rms(error)).toBeLessThan(16);
  });
});

test('what lies above the new Nyquist frequency is gone instead of folded back', () => {
  const out = resample(tone(48_000, 5000, 48_000), 48_000);
  expect(rms(out.subarray(400, 7600))).toBeLessThan(16);
});

test('the same rate is a copy', () => {
  const pcm = tone(8000, 440, 100);
  const out = resample(pcm, 8000);
  expect(out).toEqual(pcm);
  expect(out.buffer).not.toBe(pcm.buffer);
});

test.each([16_000, 44_100, 6_000, 8_000])('in pieces of any size it is the same, from %i Hz', (fromHz) => {
  const pcm = tone(fromHz, 700, 4000);
  const resampler = new StreamResampler(fromHz);
  const out: number[] = [];
  for (let at = 0, size = 1; at < pcm.length; at += size, size = (size * 7) % 331) {
    out.push(...resampler.push(pcm.subarray(at, at + size)));
  }
  out.push(...resampler.flush());
  expect(Int16Array.from(out)).toEqual(resample(pcm, fromHz));
});
