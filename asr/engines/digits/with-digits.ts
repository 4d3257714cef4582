import { once } from '#lib/closing.ts';
import type { RecogniserEngine } from '../types.ts';
import type { DigitRecogniser } from './recogniser.ts';
import { secondOpinion, wantsSecondOpinion } from './second-opinion.ts';

/** An English engine whose digits, letters and short utterances are heard again by the digit recogniser. Closes both. */
export function withDigits(engine: RecogniserEngine, digits: DigitRecogniser): RecogniserEngine {
  return {
    name: engine.name,
    language: engine.language,
    abilities: engine.abilities,
    recognise: async (requests) => {
      const results = [...(await engine.recognise(requests))];
      for (const [index, request] of requests.entries()) {
        const result = results[index];
        if (result === undefined || !wantsSecondOpinion(request, result)) continue;
        results[index] = secondOpinion(result, await digits.hear(request.pcm), request.pcm.length);
      }
      return results;
    },
    close: once(async () => {
      await Promise.all([engine.close(), digits.close()]);
    }),
  };
}
