import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { hasFlite } from '#lib/testing/flite.ts';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { loadSileroVad, type Vad } from '../../vad/silero.ts';
import { openSpeakerModel } from '../open.ts';
import type { SpeakerModel } from '../types.ts';
import { probabilityOf } from './calibration.ts';
import { SpeakerVerifier } from './voiceprint.ts';

let folder: string;
let vad: Vad;
let model: SpeakerModel;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sidetone-voices-'));
  [vad, model] = await Promise.all([loadSileroVad(), openSpeakerModel()]);
});
afterAll(async () => {
  await Promise.all([vad.close(), model.close()]);
  rmSync(folder, { recursive: true });
});

const sentences = [
  'Good morning, you have reached the service desk. May I have your customer number, please, and the name on the account?',
  'Thank you very much. I can see the order here, and it left our warehouse on Tuesday afternoon with the other parcels.',
  'There is nothing more that you have to do today, we will write to you as soon as the replacement has been sent.',
];

async function say(voice: string, text: string): Promise<Int16Array> {
  const path = join(folder, 'said.wav');
  execFileSync('flite', ['-voice', voice, '-t', text, '-o', path]);
  const { channels, sampleRateHz } = await readWav(path);
  return resample(channels[0] ?? new Int16Array(0), sampleRateHz);
}

describe('SpeakerVerifier', () => {
  test.skipIf(!hasFlite)('knows an enrolled voice again by other words, and scores another voice lower', async () => {
    const verifier = new SpeakerVerifier(model, vad);
    const [first = '', second = '', third = ''] = sentences;
    const print = await verifier.enrol([await say('slt', first), await say('slt', second)]);
    expect(print.modelId).toBe(model.id);
    expect(print.speechS).toBeGreaterThan(6);
    const again = await verifier.verify(print, await say('slt', third));
    const other = await verifier.verify(print, await say('rms', third));
    expect(again.decision).toBe('same');
    expect(other.decision).toBe('other');
    expect(other.score).toBeLessThan(again.score);
    expect(again.speechS).toBeGreaterThan(3);
    await expect(verifier.verify({ ...print, modelId: 'another' }, await say('slt', third))).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(verifier.enrol([await say('slt', 'Yes, please.')])).rejects.toMatchObject({
      code: 'too-little-speech',
    });
  });

  it('refuses silence and noise: there is no speech in them', async () => {
    const verifier = new SpeakerVerifier(model, vad);
    const noise = Int16Array.from({ length: 8000 * 20 }, (_, i) => ((i * 7919) % 401) - 200);
    const refused = { code: 'too-little-speech' };
    await expect(verifier.enrol([new Int16Array(8000 * 20), noise])).rejects.toMatchObject(refused);
    await expect(verifier.enrol([])).rejects.toMatchObject(refused);
  });
});

describe('probabilityOf', () => {
  it('rises with the score, and is unsure of nothing said about it', () => {
    const calibration = { offset: -4, offsetByLogS: 0, slope: 8, slopeByLogS: 1 };
    expect(probabilityOf(0.5, 1, calibration)).toBeCloseTo(0.5);
    expect(probabilityOf(0.9, 3, calibration)).toBeGreaterThan(probabilityOf(0.6, 3, calibration));
    expect(probabilityOf(0.9, 30, calibration)).toBe(probabilityOf(0.9, 3000, calibration));
  });
});
