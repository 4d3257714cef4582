import { once } from '#lib/closing.ts';
import { decodeTokens } from '../../text/tokens.ts';
import type { RecogniserEngine } from '../types.ts';
import { tokenCap } from './loops.ts';
import { findModelFiles } from './model-files.ts';
import { openShippedModel } from './shipped.ts';
import { wordsOf } from './words.ts';

/** Less than this holds no frame that the encoder could hear. */
const leastSamples = 400;

/**
 * The same model as it comes: shipped graphs, the likeliest token each time, nothing put around the sound, ended where the
 * model ends, one utterance at a time. What moonshine.ts is measured against. Throws `model-missing`.
 */
export async function loadPlainMoonshine(
  options: { modelDir?: string; threads?: number } = {},
): Promise<RecogniserEngine> {
  const model = await openShippedModel(await findModelFiles(options.modelDir), options.threads ?? 1);
  return {
    name: 'moonshine-tiny-plain',
    language: 'en',
    abilities: { times: true, confidence: true, drafts: false, phrases: false },
    recognise: async (requests) => {
      const results = [];
      for (const { pcm } of requests) {
        const sound = pcm.length < leastSamples ? new Int16Array(leastSamples) : pcm;
        const maxTokens = tokenCap(sound.length / 8000);
        const [readings] = await model.transcribe([{ pcm: sound, maxTokens, endLimit: 0, draft: [], search: 'never' }]);
        const [heard] = readings ?? [];
        const words = heard === undefined ? [] : wordsOf(heard, pcm, 0);
        results.push({
          text: decodeTokens(heard?.tokens ?? []),
          tokens: heard?.tokens ?? [],
          words,
          confidence: words.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, words.length),
          empty: words.length === 0,
        });
      }
      return results;
    },
    close: once(() => model.close()),
  };
}
