import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dot, type SpeakerModel } from '../types.ts';
import { bands, filterbank, framesIn } from './filterbank.ts';
import { openSpeakerNet } from './speaker-net.ts';
import { NetWeights } from './weights.ts';

/** Written by asr/training/speakers/pack.py: what the code of the training makes of `goldenSound`. */
const golden = JSON.parse(readFileSync(new URL('../weights/golden.json', import.meta.url), 'utf8')) as {
  readonly frames: number;
  readonly frame70: readonly number[];
  readonly embedding: readonly number[];
};
const weightsFile = readFileSync(new URL('../weights/speaker-net.bin', import.meta.url));
const goldenSound = Int16Array.from({ length: 12_000 }, (_, i) =>
  Math.round(8000 * Math.sin(0.05 * i + 0.00004 * i * i) + 400 * Math.sin(2.2 * i)),
);

let model: SpeakerModel;
beforeAll(async () => {
  model = await openSpeakerNet();
});
afterAll(() => model.close());

describe('filterbank', () => {
  it('gives what the training gave', () => {
    const frames = framesIn(goldenSound.length);
    expect(frames).toBe(golden.frames);
    const features = new Float32Array(bands * frames);
    filterbank(goldenSound, features);
    const ours = Array.from({ length: bands }, (_, band) => features[band * frames + 70] ?? NaN);
    ours.forEach((value, band) => expect(value, `band ${band}`).toBeCloseTo(golden.frame70[band] ?? NaN, 2));
  });
});

describe('the speaker network', () => {
  it('gives the vector that the training gave', async () => {
    const [vector = new Float32Array(0)] = await model.embed([goldenSound]);
    expect(dot(vector, Float32Array.from(golden.embedding))).toBeGreaterThan(0.9995);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
  });

  it('gives each of a batch what it gets alone, whatever their lengths', async () => {
    const stretches = [goldenSound.subarray(0, 9000), goldenSound, goldenSound.subarray(2000, 11_000)];
    const together = await model.embed(stretches);
    for (const [index, stretch] of stretches.entries()) {
      const [alone = new Float32Array(0)] = await model.embed([stretch]);
      expect(dot(alone, together[index] ?? new Float32Array(0))).toBeGreaterThan(0.9999);
    }
  });

  it('repeats what is short, and has zeros for nothing', async () => {
    const [short = new Float32Array(0), none] = await model.embed([goldenSound.subarray(0, 500), new Int16Array(0)]);
    expect(dot(short, short)).toBeCloseTo(1, 5);
    expect(none?.every((value) => value === 0)).toBe(true);
  });

  it('refuses weights cut short', () => {
    expect(() => new NetWeights(weightsFile.subarray(0, -1))).toThrow(RangeError);
    expect(() => new NetWeights(weightsFile.subarray(0, 50))).toThrow(RangeError);
  });
});
