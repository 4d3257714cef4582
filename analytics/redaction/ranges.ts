import type { SilenceRange } from './types.ts';

/** Sorted, disjoint ranges of time; grows by adding, and says what of an addition is new. */
export class RangeSet {
  #ranges: SilenceRange[] = [];

  /** Adds a range; the parts of it that were not there yet. */
  add(startMs: number, endMs: number): SilenceRange[] {
    const fresh: SilenceRange[] = [];
    let fromMs = startMs;
    for (const range of this.#ranges) {
      if (range.endMs <= fromMs) continue;
      if (range.startMs >= endMs) break;
      if (range.startMs > fromMs) fresh.push({ startMs: fromMs, endMs: range.startMs });
      fromMs = range.endMs;
    }
    if (fromMs < endMs) fresh.push({ startMs: fromMs, endMs });
    if (fresh.length > 0) this.#ranges = joined([...this.#ranges, ...fresh]);
    return fresh;
  }

  /** Forgets what lies before `untilMs`. */
  forget(untilMs: number): void {
    this.#ranges = this.#ranges.filter((range) => range.endMs >= untilMs);
  }
}

function joined(ranges: readonly SilenceRange[]): SilenceRange[] {
  const whole: SilenceRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = whole.at(-1);
    if (last && range.startMs <= last.endMs)
      whole[whole.length - 1] = { ...last, endMs: Math.max(last.endMs, range.endMs) };
    else whole.push(range);
  }
  return whole;
}
