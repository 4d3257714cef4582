import { describe, expect, test } from 'vitest';
import { opusPacketSamples } from './opus-packet.ts';

const samplesOf = (...bytes: readonly number[]): number => opusPacketSamples(Uint8Array.from(bytes), 0, bytes.length);
const frames = (first: number, ...more: readonly number[]): number[] => [first, ...more];
/** Configuration 1: SILK, 20 ms. */
const silk20 = 1 << 3;

describe('how long a packet is (RFC 6716 table 2)', () => {
  test.each([
    [0, 80],
    [1, 160],
    [2, 320],
    [3, 480],
    [11, 480],
    [12, 80],
    [13, 160],
    [15, 160],
    [16, 20],
    [17, 40],
    [18, 80],
    [31, 160],
  ])('configuration %i: %i samples a frame', (configuration, samples) => {
    expect(samplesOf(configuration << 3)).toBe(samples);
    expect(samplesOf((configuration << 3) | 4, 1, 2)).toBe(samples);
    expect(samplesOf((configuration << 3) | 1)).toBe(2 * samples);
  });

  test('many frames, with padding, of one length and of their own', () => {
    expect(samplesOf(silk20 | 3, 3, 1, 2, 3)).toBe(480);
    expect(samplesOf(silk20 | 3, 0x43, 2, 1, 2, 3, 0, 0)).toBe(480);
    expect(samplesOf(silk20 | 3, 0x83, 1, 2, 9, 8, 8, 7)).toBe(480);
    expect(opusPacketSamples(Uint8Array.from(frames(silk20 | 2, 252, 1, ...Array<number>(300).fill(5))), 0, 303)).toBe(
      320,
    );
  });
});

describe('what is not well-formed (section 3.4)', () => {
  test.each([
    ['nothing', []],
    ['R2: a frame over 1275 bytes', frames(silk20, ...Array<number>(1276).fill(0))],
    ['R3: two frames of one length in an odd number of bytes', [silk20 | 1, 1, 2, 3]],
    ['R4: the first of two frames longer than the packet', [silk20 | 2, 4, 1, 2, 3]],
    ['R4: a length of two bytes cut', [silk20 | 2, 252]],
    ['R5: no frame', [silk20 | 3, 0]],
    ['R5: over 120 ms', [silk20 | 3, 7]],
    ['R6: three frames of one length in four bytes', [silk20 | 3, 3, 1, 2, 3, 4]],
    ['R6: padding longer than the packet', [silk20 | 3, 0x41, 9, 1]],
    ['R6: padding that does not end', [silk20 | 3, 0x41, 255]],
    ['R7: lengths longer than the packet', [silk20 | 3, 0x83, 2, 2, 1]],
    ['a count that is not there', [silk20 | 3]],
  ])('%s', (_, bytes) => {
    expect(samplesOf(...bytes)).toBe(0);
  });
});
