import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { G722Encoder } from './g722-encoder.ts';
import { G722Decoder } from './g722.ts';

/** A sweep over a square: both bands, quiet and clipped, by whole numbers only so that it is the same everywhere. */
const sound = Int16Array.from({ length: 32_000 }, (_, n) => {
  const sweep = ((n * n) >> 6) & 0x3fff;
  const square = (n >> 9) % 2 === 0 ? 12_000 : -12_000;
  return n % 8000 < 2000 ? (sweep & 0xff) - 128 : Math.min(32_767, Math.max(-32_768, (sweep - 0x2000) * 3 + square));
});

function decoded(codes: Uint8Array): Int16Array {
  const pcm = new Int16Array(2 * codes.length);
  expect(new G722Decoder().decode(codes, 0, codes.length, pcm)).toBe(pcm.length);
  return pcm;
}

function sha256(array: Uint8Array | Int16Array): string {
  return createHash('sha256')
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest('hex');
}

test('codes and samples are those that were found equal to another implementation (g722.integration.test.ts)', () => {
  const codes = new G722Encoder().encode(sound);
  expect([...codes.subarray(1000, 1016)]).toEqual([
    117, 182, 255, 108, 138, 32, 160, 32, 166, 105, 107, 235, 235, 236, 110, 236,
  ]);
  expect(sha256(codes)).toBe('ac884b38c3c2754d610c256ae89785e08c14e1201895c0ae16128fff212f09c9');
  const pcm = decoded(codes);
  expect([...pcm.subarray(2000, 2016)]).toEqual([
    76, -125, -55, -1, 66, -129, -69, 9, 82, 45, -15, -8, 40, 85, -22, -83,
  ]);
  expect(sha256(pcm)).toBe('94847bf60994225ad1504f20a76633c64fe482f529ebd20cb42fa336f371a189');
});

test('any byte is a code: all of them, in every order, stay within 16 bits and come out as the golden sum says', () => {
  let seed = 1;
  const codes = Uint8Array.from(
    { length: 50_000 },
    () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 24,
  );
  expect(sha256(decoded(codes))).toBe('ccf0881038944da984e7feee6130fefd6cfea167c8fdd3418a95aaee8e607b39');
});

test('a payload in pieces of any size gives the same samples', () => {
  const codes = new G722Encoder().encode(sound);
  const decoder = new G722Decoder();
  const piece = new Int16Array(2 * codes.length);
  const out: number[] = [];
  for (let at = 0, size = 1; at < codes.length; at += size, size = (size * 7) % 1201) {
    const end = Math.min(codes.length, at + size);
    out.push(...piece.subarray(0, decoder.decode(codes, at, end, piece)));
  }
  expect(Int16Array.from(out)).toEqual(decoded(codes));
});

test('silence stays silence, and an encoded tone is heard as it was', () => {
  expect(decoded(new G722Encoder().encode(new Int16Array(3200))).every((sample) => Math.abs(sample) <= 4)).toBe(true);
  const tone = Int16Array.from({ length: 16_000 }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 1000 * n) / 16_000)),
  );
  const heard = decoded(new G722Encoder().encode(tone));
  /** Both mirror filters together are 22 samples late. */
  const error = heard.subarray(1022, 15_022).map((sample, n) => sample - (tone[n + 1000] ?? 0));
  expect(Math.sqrt(error.reduce((sum, sample) => sum + sample * sample, 0) / error.length)).toBeLessThan(80);
});

test('after a lost packet the decoder runs back to the sender: 20 ms on most of the difference is gone', () => {
  const tone = Int16Array.from({ length: 32_000 }, (_, n) =>
    Math.round(6000 * Math.sin((2 * Math.PI * (300 + (n >> 4)) * n) / 16_000)),
  );
  const codes = new G722Encoder().encode(tone);
  const whole = decoded(codes);
  const decoder = new G722Decoder();
  const pcm = new Int16Array(2 * codes.length);
  decoder.decode(codes, 0, 8000, pcm);
  decoder.decode(codes, 8160, codes.length, pcm);
  const differs = (fromMs: number, toMs: number): number => {
    let sum = 0;
    for (let i = 16 * fromMs; i < 16 * toMs; i++) sum += ((pcm[i] as number) - (whole[i + 16_320] as number)) ** 2;
    return Math.sqrt(sum / (16 * (toMs - fromMs)));
  };
  expect(differs(20, 40)).toBeLessThan(600);
  expect(differs(200, 400)).toBeLessThan(30);
});
