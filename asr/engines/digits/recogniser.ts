import { fileURLToPath } from 'node:url';
import { once } from '#lib/closing.ts';
import { floats, floatTensor, openOnnxSession } from '../onnx.ts';
import { align, alternativesTo, search } from './beam.ts';
import { leastSamples } from './front-end.ts';
import { digitGraph } from './graph.ts';
import { readWeights } from './weights.ts';
import { other } from './vocabulary.ts';

/** A digit, a number word, a letter, one of some command words, or any other word. */
export interface HeardToken {
  /** As in the weights' list: `seven`, `x`; null for any other word. */
  readonly token: string | null;
  /** 8 kHz samples from the start of the sound: where the network is surest of the token, which is within the word. */
  readonly sample: number;
  /** Natural logarithm of the network's probability there. */
  readonly logProbability: number;
  /** The other digits, words and letters that it may have been there, and how likely (natural logarithm). */
  readonly alternatives: ReadonlyMap<string, number>;
}

export interface DigitRecogniser {
  /** 8 kHz mono, read only and not kept. Blocks its thread while it works. */
  hear(pcm: Int16Array): Promise<readonly HeardToken[]>;
  close(): Promise<void>;
}

export const digitWeightsPath = fileURLToPath(new URL('weights/digits.weights', import.meta.url));

/** As in training, so that a word cut close has something round it. */
const marginSamples = 1600;
const rowSamples = 320;

/**
 * The digit recogniser of our own training (docs/training.md). `path`: other weights than the ones that come with it.
 * Throws `model-missing`, `model-broken`.
 */
export async function openDigitRecogniser(path = digitWeightsPath, threads = 1): Promise<DigitRecogniser> {
  const weights = await readWeights(path);
  const session = await openOnnxSession(digitGraph(weights), threads);
  return {
    hear: async (pcm) => {
      const sound = new Float32Array(Math.max(leastSamples, pcm.length + 2 * marginSamples));
      for (let index = 0; index < pcm.length; index++) sound[marginSamples + index] = (pcm[index] ?? 0) / 32_768;
      const outputs = await session.run({ sound: floatTensor(sound, [1, sound.length]) });
      const values = floats(outputs, 'scores');
      const scores = { values, rows: values.length / weights.tokens.length, tokens: weights.tokens };
      return align(scores, search(scores)).map((spike) => ({
        token: spike.token === other ? null : (weights.tokens[spike.token] ?? null),
        sample: Math.min(pcm.length, Math.max(0, Math.round((spike.row + 0.5) * rowSamples) - marginSamples)),
        logProbability: spike.logProbability,
        alternatives: new Map(
          alternativesTo(spike, scores).map(({ token, logProbability }) => [
            weights.tokens[token] ?? '',
            logProbability,
          ]),
        ),
      }));
    },
    close: once(() => session.release()),
  };
}
