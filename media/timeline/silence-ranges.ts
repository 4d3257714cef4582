import type { SampleRange } from '../types.ts';

/** Sorted, non-overlapping ranges of samples. Touching ranges are one. */
export class SilenceRanges {
  #ranges: { startSample: number; endSample: number }[] = [];

  add(startSample: number, endSample: number): void {
    if (endSample <= startSample) return;
    const merged = { startSample, endSample };
    const others = this.#ranges.filter((range) => {
      if (range.endSample < merged.startSample || range.startSample > merged.endSample) return true;
      merged.startSample = Math.min(merged.startSample, range.startSample);
      merged.endSample = Math.max(merged.endSample, range.endSample);
      return false;
    });
    this.#ranges = [...others, merged].sort((a, b) => a.startSample - b.startSample);
  }

  /** Forgets what lies before `sample`; a range across it is kept whole. */
  dropBefore(sample: number): void {
    while (this.#ranges[0] !== undefined && this.#ranges[0].endSample <= sample) this.#ranges.shift();
  }

  /** Zeroes `pcm`, whose first sample is `firstSample` of the timeline, wherever a range covers it. */
  zero(pcm: Int16Array, firstSample: number): void {
    for (const range of this.#ranges) {
      const from = Math.max(0, range.startSample - firstSample);
      const to = Math.min(pcm.length, range.endSample - firstSample);
      if (to > from) pcm.fill(0, from, to);
    }
  }

  /** The parts of the ranges that lie within [startSample, endSample). */
  within(startSample: number, endSample: number): SampleRange[] {
    return this.#ranges
      .map((range) => ({
        startSample: Math.max(range.startSample, startSample),
        endSample: Math.min(range.endSample, endSample),
      }))
      .filter((range) => range.endSample > range.startSample);
  }

  get list(): readonly SampleRange[] {
    return this.#ranges.map((range) => ({ ...range }));
  }
  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }
}
