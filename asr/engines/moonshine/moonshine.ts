import { once } from '#lib/closing.ts';
import type { Logger } from '#lib/log.ts';
import { decodeTokens } from '../../text/tokens.ts';
import type { EngineRequest, EngineResult, EngineWord, RecogniserEngine } from '../types.ts';
import type { Heard, Hearing } from './acoustic.ts';
import { tokenCap } from './loops.ts';
import { openLeanModel } from './lean.ts';
import { findModelFiles } from './model-files.ts';
import { endLimit, isForcedWord, isSilent, isStockText } from './nothing-said.ts';
import { trieOf } from './phrases.ts';
import { chooseReading } from './readings.ts';
import { alone, shortFinal, shortPartial, shortSamples, soundIn, type Surroundings } from './surroundings.ts';
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

/** Less than this holds no frame that the encoder could hear. */
const leastSamples = 400;

const hardlyBelieved = 0.05;

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
    abilities: { times: true, confidence: true, drafts: true, phrases: true },
    recognise: async (requests) => {
      const asked = requests.map((request) => ({ request, heardIn: surroundingsOf(request) }));
      const hearings = asked.flatMap(({ request, heardIn }) => heardIn.map((around) => hearing(request, around)));
      const heard = await model.transcribe(hearings);
      let next = 0;
      return asked.map(({ request, heardIn }) => {
        const first = next;
        next += heardIn.length;
        return resultOf(request, heardIn, heard.slice(first, next));
      });
    },
    close: once(() => model.close()),
  };
}

/** None where there is nothing to hear. */
function surroundingsOf({ pcm, purpose }: EngineRequest): readonly Surroundings[] {
  if (pcm.length < leastSamples || isSilent(pcm)) return [];
  if (pcm.length >= shortSamples) return alone;
  return purpose === 'final' ? shortFinal : shortPartial;
}

function hearing({ pcm, ...request }: EngineRequest, around: Surroundings): Hearing {
  const { purpose, speechSeen, draft = [], phrases = [] } = request;
  const short = pcm.length < shortSamples;
  const sound = soundIn(pcm, around);
  return {
    pcm: sound,
    maxTokens: tokenCap(sound.length / 8000),
    endLimit: endLimit(speechSeen, short),
    draft,
    phrases: trieOf(phrases),
    search: purpose === 'partial' ? 'never' : short ? 'always' : 'when-weak',
  };
}

function resultOf(
  { pcm }: EngineRequest,
  heardIn: readonly Surroundings[],
  hearings: readonly (readonly Heard[])[],
): EngineResult {
  const short = pcm.length < shortSamples;
  const chosen = chooseReading(hearings, short);
  if (chosen === undefined) return nothing;
  const { heard, share } = chosen;
  const text = decodeTokens(heard.tokens);
  if (isStockText(text)) return nothing;
  const heardWords = wordsOf(heard, pcm, heardIn[chosen.hearing]?.padSamples ?? 0);
  if (isForcedWord(text, meanConfidence(heardWords))) return nothing;
  const searched = short && hearings.some((readings) => readings.length > 1);
  const words = searched
    ? heardWords.map((word) => ({ ...word, confidence: shared(word.confidence, share) }))
    : heardWords;
  const confidence = meanConfidence(words);
  return Object.freeze({ text, tokens: heard.tokens, words, confidence, empty: words.length === 0 });
}

function meanConfidence(words: readonly EngineWord[]): number {
  return words.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, words.length);
}

/**
 * Of a short segment it is the share among its readings that says whether a word is right. One that the model itself
 * hardly believes may be no word at all: music reads so.
 */
function shared(confidence: number, share: number): number {
  return confidence < hardlyBelieved ? Math.min(confidence, share) : share;
}
