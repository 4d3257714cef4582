import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { hasFlite } from '#lib/testing/flite.ts';
import { hasCode } from '#lib/errors.ts';
import { readCorpora, readTelephoneAudio } from '../../eval/utterances.ts';
import { evaluateWer } from '../../eval/wer.ts';
import { alignWords } from '../../text/align.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from '../types.ts';
import { frameSamples, type Hearing } from './acoustic.ts';
import { openLeanModel } from './lean.ts';
import { findModelFiles } from './model-files.ts';
import { loadMoonshine } from './moonshine.ts';
import { openShippedModel } from './shipped.ts';

const speech = join(import.meta.dirname, '../../../test/speech');
let cacheDir: string;
let engine: RecogniserEngine;
let audio: Int16Array[];

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'sidetone-graphs-'));
  engine = await loadMoonshine({ cacheDir, logger: silentLogger });
  const [corpus] = await readCorpora(speech);
  audio = await Promise.all((corpus?.utterances ?? []).map(({ path }) => readTelephoneAudio(path)));
});
afterAll(async () => {
  await engine.close();
  await rm(cacheDir, { recursive: true });
});

const final = (pcm: Int16Array, more: Partial<EngineRequest> = {}): EngineRequest => ({
  pcm,
  speechSeen: true,
  purpose: 'final',
  ...more,
});
async function recogniseOne(request: EngineRequest): Promise<EngineResult> {
  const [result] = await engine.recognise([request]);
  if (result === undefined) throw new Error('no result');
  return result;
}

describe('Moonshine on telephone speech', () => {
  test('reads six synthetic sentences with few errors', async () => {
    const { corpora } = await evaluateWer(speech, engine);
    expect(corpora[0]).toMatchObject({ utterances: 6, empty: 0 });
    expect(corpora[0]?.wer).toBeLessThan(10);
  });

  test('times words in order, inside the audio, none without length', async () => {
    for (const pcm of audio) {
      const { words, text } = await recogniseOne(final(pcm));
      expect(words.map((word) => word.text).join(' ')).toBe(text);
      let before = 0;
      for (const word of words) {
        expect(word.startSample).toBeGreaterThanOrEqual(before);
        expect(word.endSample).toBeGreaterThanOrEqual(word.startSample);
        expect(word.confidence).toBeGreaterThan(0);
        expect(word.confidence).toBeLessThanOrEqual(1);
        before = word.endSample;
      }
      expect(before).toBeLessThanOrEqual(pcm.length);
    }
  });

  test('a text does not depend on what shares its batch', async () => {
    const alone = [];
    for (const pcm of audio) alone.push(await recogniseOne(final(pcm)));
    const short = audio.map((pcm) => pcm.subarray(0, 12_000));
    const together = await engine.recognise([...short, ...audio].map((pcm) => final(pcm)));
    expect(together.slice(short.length).map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
  });

  test('a draft, right, wrong or too long, changes nothing', async () => {
    const [pcm = new Int16Array(0)] = audio;
    const { tokens, words } = await recogniseOne(final(pcm));
    const wrong = tokens.map((token, index) => (index === 4 ? 300 : token));
    for (const draft of [
      tokens,
      tokens.slice(0, 5),
      wrong,
      [...tokens, ...tokens],
      [9, 9, 9],
      Array<number>(400).fill(7),
    ]) {
      const drafted = await recogniseOne(final(pcm, { purpose: 'partial', draft }));
      expect(drafted.tokens).toEqual(tokens);
      expect(drafted.words.map((word) => word.startSample)).toEqual(words.map((word) => word.startSample));
    }
  });

  test('drafts that go astray in different places, in one batch, change nothing', async () => {
    const plain = await engine.recognise(audio.map((pcm) => final(pcm, { purpose: 'partial' })));
    const astray = (tokens: readonly number[], row: number): number[] => {
      const middle = tokens.length >> 1;
      const [before, after] = [tokens.slice(0, middle), tokens.slice(middle)];
      return [[...before, 300, ...after], [...before, ...after.slice(1)], [...before, 300, 301], []][row % 4] ?? [];
    };
    const drafted = await engine.recognise(
      audio.map((pcm, row) => final(pcm, { purpose: 'partial', draft: astray(plain[row]?.tokens ?? [], row) })),
    );
    expect(drafted.map(({ tokens }) => tokens)).toEqual(plain.map(({ tokens }) => tokens));
    // Attention is no exact number: a word may begin a frame of the encoder earlier or later.
    drafted.forEach(({ words }, row) => {
      words.forEach(({ startSample }, index) => {
        const moved = startSample - (plain[row]?.words[index]?.startSample ?? NaN);
        expect(Math.abs(moved)).toBeLessThanOrEqual(frameSamples);
      });
    });
  });

  test('agrees with the shipped graphs', async () => {
    const files = await findModelFiles();
    const shipped = await openShippedModel(files, 1);
    const lean = await openLeanModel(files, { cacheDir, threads: 1, logger: silentLogger });
    const hearings = audio.map((pcm): Hearing => ({
      pcm,
      maxTokens: 60,
      endLimit: 0.97,
      draft: [],
      search: 'never',
    }));
    const [reference, ours] = [await shipped.transcribe(hearings), await lean.transcribe(hearings)];
    let [tokens, errors] = [0, 0];
    reference.forEach(([heard], index) => {
      const { substitutions, deletions, insertions } = alignWords(
        (heard?.tokens ?? []).map(String),
        (ours[index]?.[0]?.tokens ?? []).map(String),
      );
      tokens += heard?.tokens.length ?? 0;
      errors += substitutions + deletions + insertions;
    });
    expect(tokens).toBeGreaterThan(60);
    expect(errors / tokens).toBeLessThan(0.03);
    await shipped.close();
    await lean.close();
  });
});

describe('what is no speech', () => {
  const seconds = [0.4, 1, 3, 8];
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
  const sounds: Record<string, (n: number) => number> = {
    'digital silence': () => 0,
    'white noise': () => (random() - 0.5) * 4000,
    'faint noise': () => (random() - 0.5) * 200,
    'ringback, United States': (n) =>
      3000 * (Math.sin((2 * Math.PI * 440 * n) / 8000) + Math.sin((2 * Math.PI * 480 * n) / 8000)),
    'ringback, United Kingdom': (n) =>
      3000 * (Math.sin((2 * Math.PI * 400 * n) / 8000) + Math.sin((2 * Math.PI * 450 * n) / 8000)),
    'ringback, Germany': (n) => 5000 * Math.sin((2 * Math.PI * 425 * n) / 8000),
    'fax calling': (n) => 8000 * Math.sin((2 * Math.PI * 1100 * n) / 8000),
    'fax answering': (n) => 8000 * Math.sin((2 * Math.PI * 2100 * n) / 8000),
  };

  test.each(Object.entries(sounds))('%s gives no word although the detector took it for speech', async (_, sound) => {
    const requests = seconds.map((length) => final(Int16Array.from({ length: length * 8000 }, (__, n) => sound(n))));
    const results = await engine.recognise(requests);
    expect(results.map(({ text }) => text)).toEqual(['', '', '', '']);
    expect(results.every(({ empty, words }) => empty && words.length === 0)).toBe(true);
  });

  test('a clip too short to hold a frame, or none at all, is empty', async () => {
    const results = await engine.recognise([final(new Int16Array(0)), final(new Int16Array(100).fill(9000))]);
    expect(results.map(({ empty }) => empty)).toEqual([true, true]);
    expect(await engine.recognise([])).toEqual([]);
  });
});

test.skipIf(!hasFlite)('lone words are heard: at most 3 in 100 come out empty (needs flite)', async () => {
  const words = 'yes no zero one two three four five six seven eight nine'.split(' ');
  const spoken: Int16Array[] = [];
  for (const voice of ['rms', 'slt', 'awb']) {
    for (const word of words) {
      const path = join(cacheDir, 'word.wav');
      execFileSync('flite', ['-voice', voice, '-t', word, '-o', path]);
      spoken.push(await readTelephoneAudio(path));
    }
  }
  const results = await engine.recognise(spoken.map((pcm) => final(pcm)));
  expect(results.filter(({ empty }) => empty).length).toBeLessThanOrEqual(Math.floor(0.03 * spoken.length));
});

test.skipIf(!hasFlite)('names on a list are heard more often with the list than without (needs flite)', async () => {
  const names = ['Petrakis', 'Ravenscroft', 'Delacroix', 'Harrowgate', 'Silverline', 'Winterbourne'];
  const spoken: Int16Array[] = [];
  for (const name of names) {
    const path = join(cacheDir, 'name.wav');
    execFileSync('flite', ['-voice', 'slt', '-t', `I spoke to ${name} yesterday about the invoice.`, '-o', path]);
    spoken.push(await readTelephoneAudio(path));
  }
  const found = async (more: Partial<EngineRequest>): Promise<number> => {
    const results = await engine.recognise(spoken.map((pcm) => final(pcm, more)));
    return results.filter(({ text }, index) => text.includes(names[index] ?? '')).length;
  };
  expect(await found({ phrases: names })).toBeGreaterThan(await found({}));
});

describe('the kept graphs', () => {
  test('are used again, and built anew when damaged', async () => {
    const names = (await readdir(cacheDir)).filter((name) => name.endsWith('.onnx'));
    expect(names).toHaveLength(2);
    const path = join(cacheDir, names.find((name) => name.includes('decoder')) ?? '');
    const intact = await readFile(path);
    const damaged = Buffer.from(intact);
    damaged[1_000_000] = (damaged[1_000_000] ?? 0) ^ 1;
    await writeFile(path, damaged);
    const again = await loadMoonshine({ cacheDir, logger: silentLogger });
    await again.close();
    expect((await readFile(path)).equals(intact)).toBe(true);
  });

  test('a model that is not there is named as missing', async () => {
    const missing = loadMoonshine({ modelDir: join(cacheDir, 'nowhere'), cacheDir, logger: silentLogger });
    await expect(missing).rejects.toSatisfy((error: unknown) => hasCode(error, 'model-missing'));
  });
});
