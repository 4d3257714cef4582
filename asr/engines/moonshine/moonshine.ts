import { once } from '#lib/closing.ts';
import type { Logger } from '#lib/log.ts';
import { decodeTokens } from '../../text/tokens.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from '../types.ts';
import type { Heard, Hearing } from './acoustic.ts';
import { tokenCap } from './loops.ts';
import { openLeanModel } from './lean.ts';
import { findModelFiles } from './model-files.ts';
import { endLimit, isForcedWord, isSilent, isStockText } from './nothing-said.ts';
import { wordsOf } from './words.ts';

export interface MoonshineOptions {
  /** Folder of the two ONNX files; the npm package's by default. */
  readonly modelDir?: string;
  /** Where graphs built from the model are kept between starts. */
  readonly cacheDir: string;
  /** Per session; 1 unless said otherwise: processes, not threads, share out the cores. */
  readonly threads?: number;
  readonly logger: Logger;
}

/** Shorter clips gain from silence around them (150 ms a side), longer ones lose. */
const shortSamples = 9600;
const shortPadSamples = 1200;
/** Less than this holds no frame that the encoder could hear. */
const leastSamples = 400;

const nothing: EngineResult = Object.freeze({ text: '', tokens: [], words: [], confidence: 0, empty: true });

/** Moonshine tiny, English. Throws `model-missing`. */
export async function loadMoonshine(options: MoonshineOptions): Promise<RecogniserEngine> {
  const files = await findModelFiles(options.modelDir);
  const model = await openLeanModel(files, {
    cacheDir: options.cacheDir,
    threads: options.threads ?? 1,
    logger: options.logger,
  });
  return {
    name: 'moonshine-tiny',
    language: 'en',
    abilities: { times: true, confidence: true, drafts: true, phrases: false },
    recognise: async (requests) => {
      const results: EngineResult[] = requests.map(() => nothing);
      const heardable = [...requests.keys()].filter((index) => {
        const pcm = requests[index]?.pcm;
        return pcm !== undefined && pcm.length >= leastSamples && !isSilent(pcm);
      });
      const heard = await model.transcribe(heardable.map((index) => hearing(requests[index] as EngineRequest)));
      heard.forEach((item, position) => {
        const index = heardable[position] ?? 0;
        results[index] = resultOf(item, requests[index] as EngineRequest);
      });
      return results;
    },
    close: once(() => model.close()),
  };
}

function padOf(request: EngineRequest): number {
  return request.pcm.length < shortSamples ? shortPadSamples : 0;
}

function hearing(request: EngineRequest): Hearing {
  const pcm = padded(request.pcm, padOf(request));
  return {
    pcm,
    maxTokens: tokenCap(pcm.length / 8000),
    endLimit: endLimit(request.pcm.length / 8000, request.speechSeen),
    draft: request.draft ?? [],
  };
}

function padded(pcm: Int16Array, padSamples: number): Int16Array {
  if (padSamples === 0) return pcm;
  const wider = new Int16Array(pcm.length + 2 * padSamples);
  wider.set(pcm, padSamples);
  return wider;
}

function resultOf(heard: Heard, request: EngineRequest): EngineResult {
  const text = decodeTokens(heard.tokens);
  if (isStockText(text)) return nothing;
  const words = wordsOf(heard, request.pcm, padOf(request));
  const confidence = words.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, words.length);
  if (isForcedWord(text, confidence)) return nothing;
  return Object.freeze({ text, tokens: heard.tokens, words, confidence, empty: words.length === 0 });
}
