import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasFlite } from '#lib/testing/flite.ts';
import { openSpeakerModel } from '../speakers/open.ts';
import type { SpeakerModel } from '../speakers/types.ts';
import { loadSileroVad, type Vad } from '../vad/silero.ts';
import { evaluateDer, oneSpeaker, ourTurns } from './der.ts';
import { evaluateDecisions } from './eer-decisions.ts';
import { evaluateEer } from './eer.ts';

const voices = ['slt', 'rms', 'kal16', 'awb'];
const sentences = [
  'Good morning, you have reached the service desk. May I have your customer number, please, and the name on the account?',
  'Thank you very much. I can see the order here, and it left our warehouse on Tuesday afternoon with the other parcels.',
  'There is nothing more that you have to do today, we will write to you as soon as the replacement has been sent.',
];

describe.skipIf(!hasFlite)('with synthesised speakers', () => {
  let folder: string;
  let vad: Vad;
  let model: SpeakerModel;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sidetone-voices-'));
    const rows = voices.flatMap((voice) =>
      sentences.map((text, index) => {
        const path = `${voice}-${index}.wav`;
        execFileSync('flite', ['-voice', voice, '-t', text, '-o', join(folder, path)]);
        return JSON.stringify({ path, speaker: voice, text });
      }),
    );
    writeFileSync(join(folder, 'manifest.jsonl'), `${rows.join('\n')}\n`);
    [vad, model] = await Promise.all([loadSileroVad(), openSpeakerModel()]);
  });
  afterAll(async () => {
    await Promise.all([vad.close(), model.close()]);
    rmSync(folder, { recursive: true });
  });

  test('the equal error rate is over all pairs of files, and far better than guessing', async () => {
    const report = await evaluateEer(folder, { models: { ours: model, again: model }, vad });
    expect(report).toMatchObject({ speakers: 4, files: 12, targets: 12, impostors: 54, sameFile: 0 });
    const [ours, again] = report.models;
    expect(ours?.difference).toBeNull();
    expect(again?.difference).toEqual({ points: 0, low: 0, high: 0 });
    expect(ours?.eer).toBeLessThan(20);
    expect(ours?.interval.low).toBeLessThanOrEqual(ours?.eer ?? 0);
    const [decisions] = await evaluateDecisions(folder, { model, vad, testS: [3] });
    expect(decisions?.targets).toBeGreaterThan(0);
    expect(decisions?.falseAccept).toBeLessThan(50);
  });

  test('fewer speakers, spread over the manifest; of one alone there are no pairs', async () => {
    const report = await evaluateEer(folder, { models: {}, vad, limit: 2 });
    expect(report).toMatchObject({ speakers: 2, files: 6, targets: 6, impostors: 9 });
    await expect(evaluateEer(folder, { models: {}, vad, limit: 1 })).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('of conversations made of two of them each, most is laid to the right one', async () => {
    // Synthesised voices are more alike to the model than people are.
    const strict: SpeakerModel = {
      id: model.id,
      dimensions: model.dimensions,
      sameVoice: 0.6,
      embed: (stretches) => model.embed(stretches),
      close: () => Promise.resolve(),
    };
    const systems = { ours: ourTurns(vad, strict), one: oneSpeaker(vad) };
    const report = await evaluateDer(folder, { systems });
    expect(report).toMatchObject({ recordings: 2, speakers: 4 });
    const [ours, one] = report.systems;
    expect(ours?.strict.confused).toBeLessThan(0.7 * (one?.strict.confused ?? 0));
    expect(one?.strict.der).toBeGreaterThan(25);
    expect(ours?.difference).toBeNull();
    expect(one?.difference?.points).toBeCloseTo((one?.strict.der ?? 0) - (ours?.strict.der ?? 0), 6);
  });

  test('rttm files are read where there are some, and only what has sound is judged', async () => {
    const lines = ['slt-0', 'absent'].map((name) => `SPEAKER ${name} 1 0.10 6.50 <NA> <NA> her <NA> <NA>`);
    writeFileSync(join(folder, 'some.rttm'), `${lines.join('\n')}\n`);
    const report = await evaluateDer(folder, { systems: { one: oneSpeaker(vad) } });
    expect(report).toMatchObject({ recordings: 1, speakers: 1, overlap: 0 });
    expect(report.systems[0]?.strict.der).toBeLessThan(30);
    expect(report.systems[0]?.rightCount).toBe(1);
  });
});
