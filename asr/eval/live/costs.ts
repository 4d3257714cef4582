import type { EngineRequest, EngineResult, RecogniserEngine } from '../../engines/types.ts';
import type { Vad } from '../../vad/silero.ts';

/**
 * What each run of a model costs by a formula instead of by what it took: for a machine that is not idle. The numbers are
 * fitted to the least times in docs/performance.md ("Live recognition") and good to about a fifth.
 */
export class ComputedCosts {
  #ms = 0;

  /** All so far. */
  get ms(): number {
    return this.#ms;
  }

  engine(engine: RecogniserEngine): RecogniserEngine {
    return {
      ...engine,
      recognise: async (requests) => {
        const results = await engine.recognise(requests);
        this.#ms += batchMs(requests, results);
        return results;
      },
    };
  }

  vad(vad: Vad): Vad {
    return {
      createStream: () => vad.createStream(),
      detect: (rows) => {
        this.#ms += 0.25 + 0.036 * rows.length;
        return vad.detect(rows);
      },
      close: () => vad.close(),
    };
  }
}

/** Encoder and draft of each row; then a step for each token that the draft did not have, of the row with most of them. */
function batchMs(requests: readonly EngineRequest[], results: readonly EngineResult[]): number {
  const rows = requests.length;
  const longestS = Math.max(0, ...requests.map(({ pcm }) => pcm.length / 8000));
  let ms = 0;
  let steps = 0;
  requests.forEach(({ pcm, draft = [] }, index) => {
    const padding = rows > 1 ? 0.14 * longestS * Math.min(1, longestS / 10) : 0;
    ms += 2.2 + 4.7 * (pcm.length / 8000) + padding;
    const tokens = results[index]?.tokens ?? [];
    const differs = tokens.findIndex((token, at) => token !== draft[at]);
    steps = Math.max(steps, differs < 0 ? 0 : tokens.length - differs);
  });
  return ms + steps * (1.5 + 0.1 * (rows - 1) + 0.1 * longestS * rows);
}
