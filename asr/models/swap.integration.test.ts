import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { hasCode } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { packagedModel } from '#lib/models.ts';
import { talkSides, type ChannelSide } from '#sip/types.ts';
import { findModelFiles } from '../engines/moonshine/model-files.ts';
import { readCorpora, readTelephoneAudio } from '../eval/utterances.ts';
import { startRecogniser } from '../recogniser.ts';
import { breaches } from '../testing/event-order.ts';
import { FeedSource } from '../testing/feed-source.ts';
import { hasSherpa } from '../testing/has-sherpa.ts';
import { writeToneModel } from '../testing/tone-models.ts';
import { alignWords } from '../text/align.ts';
import { normaliseWords } from '../text/normalise.ts';
import type { AsrEvent, Recogniser } from '../types.ts';

let dataDir: string;
const cleanups: (() => Promise<void> | void)[] = [];
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sidetone-swap-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true }));
  mkdirSync(join(dataDir, 'models'));
  // What somebody brings: the packaged weights again, for sherpa-onnx to run.
  symlinkSync(dirname((await findModelFiles()).encoderPath), join(dataDir, 'models', 'brought'));
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function start(source: FeedSource, processes = 1, model = packagedModel): Promise<Recogniser> {
  const runtimeDir = mkdtempSync(join(tmpdir(), 'asr-run-'));
  const recogniser = await startRecogniser({
    config: configSchema.parse({ dataDir, asr: { processes, model } }),
    feed: source,
    runtimeDir,
    cacheDir: join(tmpdir(), 'sidetone-test-asr-cache'),
    logger: silentLogger,
    metrics: createMetrics(),
  });
  cleanups.push(
    () => rmSync(runtimeDir, { recursive: true }),
    () => source.close(),
    () => recogniser.close(),
  );
  return recogniser;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(20);
}

function childPids(): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('asr/process/child.ts'));
}

function wordsOf(events: readonly AsrEvent[], callId: string, side: ChannelSide): readonly string[] {
  return normaliseWords(
    events
      .flatMap((event) =>
        event.type === 'final' && event.callId === callId && event.side === side ? [event.text] : [],
      )
      .join(' '),
  );
}

/** All six sentences of test/speech twice, a second apart, and their words. */
async function monologue(): Promise<{ pcm: Int16Array; words: readonly string[] }> {
  const [corpus] = await readCorpora(join(import.meta.dirname, '../../test/speech'));
  const six = corpus?.utterances ?? [];
  const utterances = [...six, ...six];
  const parts = await Promise.all(utterances.map(({ path }) => readTelephoneAudio(path)));
  const pcm = new Int16Array(parts.reduce((sum, part) => sum + part.length + 8000, 0));
  let at = 4000;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length + 8000;
  }
  return { pcm, words: normaliseWords(utterances.map(({ text }) => text).join(' ')) };
}

describe('another model while calls run', () => {
  it.skipIf(!hasSherpa)(
    'takes over all of them; no word is lost or doubled',
    async () => {
      const source = new FeedSource({ speed: 2, holdSample: 20 * 8000 });
      const recogniser = await start(source, 2);
      const events: AsrEvent[] = [];
      recogniser.subscribe((event) => events.push(event));
      const { pcm, words } = await monologue();
      await until(() => recogniser.status().ready && childPids().length === 2);
      const before = childPids();
      const calls = ['call-1', 'call-2'];
      for (const callId of calls) {
        source.add(callId, { caller: pcm, callee: new Int16Array(pcm.length) });
        recogniser.open(callId, talkSides);
      }
      await until(() => events.some((event) => event.type === 'final'));
      // In the middle of a sentence.
      await until(() => events.at(-1)?.type === 'partial');
      await recogniser.models.use('brought');
      expect(recogniser.status()).toMatchObject({ model: 'brought', ready: true, openCalls: 2, restarts: 0 });
      source.release();
      const decidedByOld = events.filter((event) => event.type === 'final').length;
      await until(() => events.filter((event) => event.type === 'finished').length === 4);
      await until(() => childPids().length === 2);

      expect(childPids().filter((pid) => before.includes(pid))).toEqual([]);
      expect(events.filter((event) => event.type === 'final').length).toBeGreaterThan(decidedByOld);
      expect(breaches(events)).toEqual([]);
      expect(events.filter((event) => event.type === 'unheard')).toEqual([]);
      for (const callId of calls) {
        const heard = wordsOf(events, callId, 'caller');
        const { substitutions, deletions, insertions } = alignWords(words, heard);
        // A sentence lost or told twice would be ten words and more.
        expect(deletions + insertions).toBeLessThan(7);
        expect(substitutions).toBeLessThan(words.length / 8);
      }
    },
    150_000,
  );

  it.skipIf(!hasSherpa)('stays after a restart, until the configuration names another', async () => {
    const first = await start(new FeedSource());
    await first.models.use('brought');
    await first.close();
    const second = await start(new FeedSource());
    await until(() => second.status().ready);
    expect(second.status().model).toBe('brought');
    const inUse = (await second.models.list()).filter((model) => model.inUse);
    expect(inUse).toMatchObject([{ name: 'brought', isHere: true }]);
    await second.close();
    writeToneModel(join(dataDir, 'models', 'tones'), 'ctc');
    const third = await start(new FeedSource(), 1, 'tones');
    await until(() => third.status().ready);
    expect(third.status().model).toBe('tones');
  });

  it('that cannot be loaded changes nothing, and says why', async () => {
    const recogniser = await start(new FeedSource());
    await until(() => recogniser.status().ready);
    const pids = childPids();
    const broken = join(dataDir, 'models', 'broken');
    mkdirSync(broken);
    copyFileSync((await findModelFiles()).encoderPath, join(broken, 'encoder_model.onnx'));
    writeFileSync(join(broken, 'decoder_model_merged.onnx'), 'half of it');
    await expect(recogniser.models.use('broken')).rejects.toSatisfy(
      (error) => hasCode(error, 'model-broken') && error.message.includes('decoder_model_merged.onnx'),
    );
    await expect(recogniser.models.use('parakeet-v3')).rejects.toSatisfy(
      (error) => hasCode(error, 'model-missing') && error.message.includes('models pull parakeet-v3'),
    );
    await expect(recogniser.models.use('../models/broken')).rejects.toSatisfy((error) =>
      hasCode(error, 'model-missing'),
    );
    expect(recogniser.status()).toMatchObject({ ready: true, restarts: 0 });
    expect(childPids()).toEqual(pids);
    expect((await recogniser.models.list()).find((model) => model.inUse)?.name).toBe(packagedModel);
  });

  it.skipIf(!hasSherpa)('that brings its process down takes nothing else with it', async () => {
    const recogniser = await start(new FeedSource());
    await until(() => recogniser.status().ready);
    // Whole files of another kind of model: sherpa-onnx ends the process over them.
    const wrong = join(dataDir, 'models', 'wrong');
    writeToneModel(wrong, 'ctc');
    copyFileSync(join(wrong, 'model.onnx'), join(wrong, 'encoder.onnx'));
    copyFileSync(join(wrong, 'model.onnx'), join(wrong, 'decoder.onnx'));
    copyFileSync(join(wrong, 'model.onnx'), join(wrong, 'joiner.onnx'));
    await expect(recogniser.models.use('wrong')).rejects.toSatisfy((error) => hasCode(error, 'model-broken'));
    expect(recogniser.status()).toMatchObject({ ready: true, restarts: 0 });
    await recogniser.models.use('brought');
    expect(recogniser.status().model).toBe('brought');
  });
});
