import { msToSamples, type SampleRange } from '../types.ts';

/** Silenced on both channels before the onset and after the end of a key (redaction.md). */
export const mutePad = msToSamples(60);
/** Keys less than this apart are one run. */
const runGap = msToSamples(3000);

/**
 * One side's keys, from whatever source (RFC 4733, SIP INFO, tones in the sound), gathered into runs of which neither
 * the keys nor their number are kept.
 */
export class KeyRuns {
  #start = -1;
  #end = -1;

  /** A key was down in [start, end). Returns the run that ends before it, when this one begins another. */
  add(start: number, end: number): SampleRange | undefined {
    if (this.#start < 0) {
      this.#start = start;
      this.#end = end;
      return undefined;
    }
    if (start > this.#end + runGap) {
      const finished = this.finish();
      this.#start = start;
      this.#end = end;
      return finished;
    }
    this.#start = Math.min(this.#start, start);
    this.#end = Math.max(this.#end, end);
    return undefined;
  }

  /** The run, once it has been quiet long enough at `now`. */
  due(now: number): SampleRange | undefined {
    return this.#start >= 0 && now > this.#end + runGap ? this.finish() : undefined;
  }

  /** The run that is open, which thereby ends. */
  finish(): SampleRange | undefined {
    if (this.#start < 0) return undefined;
    const run = { startSample: Math.max(0, this.#start), endSample: Math.max(0, this.#end) };
    this.#start = -1;
    this.#end = -1;
    return run;
  }
}
