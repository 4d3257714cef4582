import { degradedSteps, type AsrEvent } from '#asr/types.ts';
import type { CallNote } from '../types.ts';

type DegradedEvent = Extract<AsrEvent, { readonly type: 'degraded' }>;

/**
 * How far the recognition of one call gave way to the load. Each step is noted once, the first time that it comes to that
 * or worse: a call that goes up and down between two steps has two notes, not hundreds.
 */
export class Degradation {
  #worst = 0;

  take({ step, side, atMs }: DegradedEvent): CallNote | undefined {
    const rank = degradedSteps.indexOf(step);
    if (rank <= this.#worst) return undefined;
    this.#worst = rank;
    return { atMs, note: 'recognition-degraded', detail: `${step}, on the side of the ${side} first` };
  }
}
