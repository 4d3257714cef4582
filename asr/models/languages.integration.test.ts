import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import type { EngineSettings } from '../engines/by-language.ts';
import { loadEngines } from '../engines/by-language.ts';
import type { RecogniserEngine } from '../engines/types.ts';
import { createMetrics } from '#lib/metrics.ts';
import { configSchema } from '#lib/config/schema.ts';
import { readCorpora, readTelephoneAudio } from '../eval/utterances.ts';
import { startRecogniser } from '../recogniser.ts';
import { engineSettings } from '../testing/engine-settings.ts';
import { breaches } from '../testing/event-order.ts';
import { FeedSource } from '../testing/feed-source.ts';
import { hasSherpa } from '../testing/has-sherpa.ts';
import { highHz, lowHz, tones, writeToneModel } from '../testing/tone-models.ts';
import type { AsrEvent } from '../types.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidetone-languages-'));
/** The tone model stands for a model of another language: what it writes, the English one never would. */
const settings: EngineSettings = engineSettings(join(tmpdir(), 'sidetone-test-asr-cache'), {
  modelsDir: join(folder, 'models'),
  models: { tlh: 'tones' },
});
const sound = tones(2200, [
  [lowHz, 300, 900],
  [highHz, 1100, 1700],
]);
let speech: Int16Array;
beforeAll(async () => {
  writeToneModel(join(folder, 'models', 'tones'), 'ctc');
  const [corpus] = await readCorpora(join(import.meta.dirname, '../../test/speech'));
  speech = await readTelephoneAudio(corpus?.utterances[0]?.path ?? '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasSherpa)('a model for each language', () => {
  test('is asked for what is spoken in it, one batch or not; all else goes to the usual one', async () => {
    const engine: RecogniserEngine = await loadEngines(settings, silentLogger);
    const ask = (pcm: Int16Array, language?: string) => ({
      pcm,
      speechSeen: true,
      purpose: 'final' as const,
      ...(language === undefined ? {} : { language }),
    });
    const results = await engine.recognise([ask(sound, 'tlh'), ask(speech), ask(sound, 'tlh-QO'), ask(speech, 'en')]);
    expect(results.map((result) => result.text)).toEqual(['low high', results[3]?.text, 'low high', results[1]?.text]);
    expect(results.map((result) => result.language)).toEqual(['tlh', undefined, 'tlh', undefined]);
    await engine.close();
  });

  test('on a call whose sides speak different ones, each side has its own', async () => {
    const runtimeDir = mkdtempSync(join(tmpdir(), 'asr-run-'));
    const source = new FeedSource({ speed: 2 });
    const events: AsrEvent[] = [];
    const recogniser = await startRecogniser({
      config: configSchema.parse({ dataDir: folder, asr: { processes: 1, models: { tlh: 'tones' } } }),
      runtimeDir,
      cacheDir: settings.cacheDir,
      feed: source,
      logger: silentLogger,
      metrics: createMetrics(),
    });
    recogniser.subscribe((event) => events.push(event));
    source.add('call-1', { caller: speech, callee: speech });
    recogniser.open('call-1', ['caller', 'callee'], { language: 'en', sideLanguages: { callee: 'tlh' } });
    await expect.poll(() => events.filter((event) => event.type === 'finished').length, { timeout: 50_000 }).toBe(2);
    await recogniser.close();
    source.close();
    rmSync(runtimeDir, { recursive: true });
    expect(breaches(events)).toEqual([]);
    const finals = events.flatMap((event) => (event.type === 'final' ? [event] : []));
    expect(finals.filter(({ side }) => side === 'caller').map(({ language }) => language)).toContain('en');
    for (const { side, text, language } of finals) {
      expect(language).toBe(side === 'caller' ? 'en' : 'tlh');
      // The model of tones hears a voice as tones, or not at all.
      if (side === 'callee') expect(text).toMatch(/^(low|high)( (low|high))*$/);
    }
  });
});
