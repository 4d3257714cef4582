import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { openDigitRecogniser, type DigitRecogniser } from './recogniser.ts';
import { readWeights } from './weights.ts';

const hasVoices = spawnSync('flite', ['--version']).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'sidetone-digits-'));
let recogniser: DigitRecogniser;

beforeAll(async () => {
  recogniser = await openDigitRecogniser();
});
afterAll(async () => {
  await recogniser.close();
  rmSync(folder, { recursive: true });
});

/** As a telephone hears it. */
async function spoken(text: string): Promise<Int16Array> {
  const path = join(folder, 'spoken.wav');
  execFileSync('flite', ['-voice', 'slt', '-t', text, '-o', path]);
  const { channels, sampleRateHz } = await readWav(path);
  return decodeG711('pcmu', encodeG711('pcmu', resample(channels[0] ?? new Int16Array(0), sampleRateHz)));
}

test.skipIf(!hasVoices)('digits, letters and what is neither, in order and within the sound', async () => {
  const pcm = await spoken('four, seven, two, nine, oh, six');
  const heard = await recogniser.hear(pcm);
  expect(heard.map(({ token }) => token)).toEqual(['four', 'seven', 'two', 'nine', 'o', 'six']);
  heard.forEach(({ sample, logProbability }, index) => {
    expect(sample).toBeGreaterThan(heard[index - 1]?.sample ?? 0);
    expect(sample).toBeLessThan(pcm.length);
    expect(logProbability).toBeLessThanOrEqual(0);
  });
  const sentence = await recogniser.hear(await spoken('we walked along the river until the evening'));
  expect(sentence.filter(({ token }) => token === null).length).toBeGreaterThan(sentence.length / 2);
});

test('silence and sound too short to hear give nothing', async () => {
  expect(await recogniser.hear(new Int16Array(8000))).toEqual([]);
  expect(await recogniser.hear(new Int16Array(0))).toEqual([]);
});

test('weights that are missing or cut short are refused by name', async () => {
  await expect(readWeights(join(folder, 'none'))).rejects.toMatchObject({ code: 'model-missing' });
  await expect(readWeights(import.meta.filename)).rejects.toMatchObject({ code: 'model-broken' });
});
