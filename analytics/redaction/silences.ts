import { RangeSet } from './ranges.ts';
import type { SilenceRange } from './types.ts';

/** The released-until mark of a call and all that is to be silent in it, each moment of it told once. */
export class Silences {
  readonly #told = new RangeSet();
  #markMs = 0;

  /** Sound before it may be written. */
  get markMs(): number {
    return this.#markMs;
  }

  raiseMark(untilMs: number): void {
    this.#markMs = Math.max(this.#markMs, untilMs);
  }

  /** Tells what is new of a range: behind the mark it is late. */
  add(
    { startMs, endMs }: SilenceRange,
    output: { readonly silence: SilenceRange[]; readonly lateSilence: SilenceRange[] },
  ): void {
    for (const range of this.#told.add(startMs, endMs)) {
      if (range.startMs < this.#markMs) {
        output.lateSilence.push({ startMs: range.startMs, endMs: Math.min(range.endMs, this.#markMs) });
      }
      if (range.endMs > this.#markMs) {
        output.silence.push({ startMs: Math.max(range.startMs, this.#markMs), endMs: range.endMs });
      }
    }
  }

  forget(untilMs: number): void {
    this.#told.forget(untilMs);
  }
}
