import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hasSherpa } from '../../testing/has-sherpa.ts';
import { highHz, lowHz, toneKinds, tones, writeToneModel } from '../../testing/tone-models.ts';
import { readModelFolder } from './model-folder.ts';
import { loadSherpa } from './sherpa.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidetone-sherpa-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(toneKinds)('a %s model that somebody brings', (tone) => {
  const modelDir = join(folder, tone);
  writeToneModel(modelDir, tone);

  test('is known by what lies in its folder', () => {
    const kind = { ctc: 'zipformer-ctc', transducer: 'transducer', 'streaming-ctc': 'streaming-zipformer-ctc' };
    expect(readModelFolder(modelDir).kind).toBe(tone in kind ? kind[tone as keyof typeof kind] : tone);
  });

  test.skipIf(!hasSherpa)('says words, and when they were said', async () => {
    const engine = await loadSherpa({ name: tone, modelDir, cacheDir: folder, threads: 1 });
    const sound = tones(2600, [
      [lowHz, 300, 600],
      [highHz, 900, 1200],
      [lowHz, 2000, 2300],
    ]);
    const [result] = await engine.recognise([{ pcm: sound, speechSeen: true, purpose: 'final' }]);
    expect(engine.abilities.times).toBe(true);
    expect(result).toMatchObject({ text: 'low high low', empty: false });
    // Of its own it is sure, and never quite.
    expect(engine.abilities.confidence).toBe((result?.confidence ?? 1) < 1);
    for (const [index, ms] of [300, 900, 2000].entries()) {
      // A step of these models is 40 ms.
      expect(Math.abs((result?.words[index]?.startSample ?? 0) / 8 - ms)).toBeLessThan(100);
    }
    await engine.close();
  });
});

test.skipIf(!hasSherpa)('of two precisions the smaller one is taken', () => {
  const modelDir = join(folder, 'two');
  writeToneModel(modelDir, 'ctc');
  renameSync(join(modelDir, 'model.onnx'), join(modelDir, 'model.int8.onnx'));
  writeToneModel(modelDir, 'ctc');
  expect(readModelFolder(modelDir).files['model']).toBe(join(modelDir, 'model.int8.onnx'));
});
