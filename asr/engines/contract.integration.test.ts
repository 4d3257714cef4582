import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import busboy from 'busboy';
import { hasCode } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { packagedModel } from '#lib/models.ts';
import { readCorpora, readTelephoneAudio } from '../eval/utterances.ts';
import { evaluateWer } from '../eval/wer.ts';
import { hasSherpa } from '../testing/has-sherpa.ts';
import { loadEngine, type LoadOptions } from './load.ts';
import { findModelFiles } from './moonshine/model-files.ts';
import type { EngineRequest, RecogniserEngine } from './types.ts';

const speech = join(import.meta.dirname, '../../test/speech');
const folder = mkdtempSync(join(tmpdir(), 'sidetone-contract-'));

const options = (more: Partial<LoadOptions> = {}): LoadOptions => ({
  cacheDir: join(folder, 'cache'),
  modelsDir: join(folder, 'models'),
  threads: 1,
  endpoint: { model: 'whisper-1', key: 'right', timeoutS: 20, attempts: 2 },
  logger: silentLogger,
  ...more,
});

const final = (pcm: Int16Array): EngineRequest => ({ pcm, speechSeen: true, purpose: 'final' });

/** The packaged Moonshine's own files, which sherpa-onnx takes as they are. */
async function moonshineFolder(): Promise<string> {
  return dirname((await findModelFiles()).encoderPath);
}

/** An endpoint as OpenAI's, that answers from a real engine. */
function serveTranscriptions(engine: RecogniserEngine): Server {
  return createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const { wav, fields } = await readForm(request);
      const refused = request.headers.authorization !== 'Bearer right' || request.url !== '/v1/audio/transcriptions';
      if (refused || fields['response_format'] !== 'verbose_json') {
        response.writeHead(401).end();
        return;
      }
      const at = wav.indexOf('data') + 8;
      const pcm = Int16Array.from({ length: (wav.length - at) / 2 }, (_, index) => wav.readInt16LE(at + 2 * index));
      const [result] = await engine.recognise([final(pcm)]);
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          task: 'transcribe',
          language: 'english',
          text: result?.text ?? '',
          words: result?.words.map(({ text, startSample, endSample }) => ({
            word: text.replaceAll(/[.,?!]/g, ''),
            start: startSample / 8000,
            end: endSample / 8000,
          })),
        }),
      );
    };
    answer().catch(() => response.writeHead(500).end());
  });
}

async function readForm(request: IncomingMessage): Promise<{ wav: Buffer; fields: Record<string, string> }> {
  const chunks: Buffer[] = [];
  const fields: Record<string, string> = {};
  const parser = busboy({ headers: request.headers });
  parser.on('file', (_name, stream) => stream.on('data', (chunk: Buffer) => chunks.push(chunk)));
  parser.on('field', (name, value) => {
    fields[name] = value;
  });
  request.pipe(parser);
  await once(parser, 'close');
  return { wav: Buffer.concat(chunks), fields };
}

interface Case {
  readonly name: string;
  /** Share of texts that may depend on which requests they were recognised with. */
  readonly mayDiffer: number;
  readonly open: () => Promise<RecogniserEngine>;
}
let server: Server;
let answering: RecogniserEngine;
const cases: Case[] = [
  { name: 'the packaged model', mayDiffer: 0.01, open: () => loadEngine(packagedModel, options()) },
  {
    name: 'a transcription endpoint',
    mayDiffer: 0,
    open: () => loadEngine(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, options()),
  },
  ...(hasSherpa
    ? [
        {
          name: 'the same model by sherpa-onnx',
          mayDiffer: 0,
          open: async () => loadEngine(await moonshineFolder(), options()),
        },
      ]
    : []),
];

let audio: Int16Array[];
beforeAll(async () => {
  answering = await loadEngine(packagedModel, options());
  server = serveTranscriptions(answering).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [corpus] = await readCorpora(speech);
  audio = await Promise.all((corpus?.utterances ?? []).map(({ path }) => readTelephoneAudio(path)));
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await answering.close();
  rmSync(folder, { recursive: true });
});

describe.each(cases)('$name keeps the contract of an engine', ({ mayDiffer, open }) => {
  let engine: RecogniserEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  test('it reads six sentences with few errors', async () => {
    const { corpora } = await evaluateWer(speech, engine);
    expect(corpora[0]).toMatchObject({ utterances: 6, empty: 0 });
    expect(corpora[0]?.wer).toBeLessThan(15);
  });

  test('results stand in the order of the requests, and alone a text is what it is among others', async () => {
    const together = await engine.recognise(audio.map(final));
    const alone = await Promise.all(audio.map(async (pcm) => (await engine.recognise([final(pcm)]))[0]));
    const differing = together.filter((result, index) => result.text !== alone[index]?.text);
    expect(new Set(together.map((result) => result.text)).size).toBe(audio.length);
    expect(differing.length / audio.length).toBeLessThanOrEqual(mayDiffer);
  });

  test('words make up the text, lie in order within the audio, and have a confidence', async () => {
    for (const [index, { text, words, confidence, empty }] of (await engine.recognise(audio.map(final))).entries()) {
      expect(empty).toBe(false);
      expect(words.map((word) => word.text).join(' ')).toBe(text);
      let before = 0;
      for (const word of words) {
        expect(word.startSample).toBeGreaterThanOrEqual(before);
        expect(word.endSample).toBeGreaterThanOrEqual(word.startSample);
        expect(word.confidence).toBeGreaterThanOrEqual(0);
        expect(word.confidence).toBeLessThanOrEqual(1);
        before = word.endSample;
      }
      expect(before).toBeLessThanOrEqual(audio[index]?.length ?? 0);
      const mean = words.reduce((sum, word) => sum + word.confidence, 0) / words.length;
      expect(confidence).toBeCloseTo(mean, 6);
    }
  });

  test('nothing comes of silence, of a faint hum and of no sound at all, whatever stands beside it', async () => {
    const [first = new Int16Array(0)] = audio;
    const hum = Int16Array.from({ length: 16_000 }, (_, index) => Math.round(3 * Math.sin(index / 9)));
    const results = await engine.recognise([new Int16Array(16_000), first, hum, new Int16Array(0)].map(final));
    expect(results.map((result) => result.empty)).toEqual([true, false, true, true]);
    for (const { text, words, confidence, empty } of results) {
      if (empty) expect({ text, words, confidence }).toEqual({ text: '', words: [], confidence: 0 });
    }
  });

  test('the audio of a request is left as it was', async () => {
    const pcm = audio[0]?.slice() ?? new Int16Array(0);
    await engine.recognise([final(pcm)]);
    expect(pcm).toEqual(audio[0]);
  });

  test('it closes once, however often it is asked to', async () => {
    const another = await open();
    await another.close();
    await expect(another.close()).resolves.toBeUndefined();
  });
});

test('an endpoint that names its language in words is understood', async () => {
  const { port } = server.address() as AddressInfo;
  const engine = await loadEngine(`http://127.0.0.1:${port}/v1`, options());
  const [result] = await engine.recognise(audio.slice(0, 1).map(final));
  expect(result?.language).toBe('en');
  await engine.close();
});

describe('what cannot be loaded', () => {
  test('a name says how to get it, a folder that it is not there', async () => {
    await expect(loadEngine('parakeet-v3', options())).rejects.toSatisfy(
      (error) => hasCode(error, 'model-missing') && error.message.includes('models pull parakeet-v3'),
    );
    await expect(loadEngine('/nowhere/model', options())).rejects.toSatisfy(
      (error) => hasCode(error, 'model-missing') && error.message.includes('/nowhere/model'),
    );
  });

  test('a broken file is named, and ends nothing', async () => {
    const broken = mkdtempSync(join(folder, 'broken-'));
    symlinkSync(join(await moonshineFolder(), 'encoder_model.onnx'), join(broken, 'encoder_model.onnx'));
    const decoder = join(broken, 'decoder_model_merged.onnx');
    for (const content of ['', 'not a model at all', Buffer.from([0x3a, 0xff, 0xff, 0x03, 0x0a])]) {
      writeFileSync(decoder, content);
      await expect(loadEngine(broken, options())).rejects.toSatisfy(
        (error) => hasCode(error, 'model-broken') && error.message.includes(decoder),
      );
    }
  });
});
