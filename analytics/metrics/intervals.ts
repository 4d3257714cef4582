/** A stretch of time, ms, end excluded. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Sorted and merged: stretches that touch or overlap become one. Empty ones vanish. */
export function union(intervals: readonly Interval[]): readonly Interval[] {
  const merged: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    if (endMs <= startMs) continue;
    const last = merged.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else merged.push({ startMs, endMs });
  }
  return merged;
}

/** What two merged lists have in common. */
export function intersection(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  const common: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const one = a[i]!;
    const two = b[j]!;
    const startMs = Math.max(one.startMs, two.startMs);
    const endMs = Math.min(one.endMs, two.endMs);
    if (startMs < endMs) common.push({ startMs, endMs });
    if (one.endMs < two.endMs) i += 1;
    else j += 1;
  }
  return common;
}

/** What of a window a merged list does not cover. */
export function complement(covered: readonly Interval[], within: Interval): readonly Interval[] {
  const gaps: Interval[] = [];
  let fromMs = within.startMs;
  for (const { startMs, endMs } of covered) {
    if (startMs > fromMs) gaps.push({ startMs: fromMs, endMs: Math.min(startMs, within.endMs) });
    fromMs = Math.max(fromMs, endMs);
  }
  if (fromMs < within.endMs) gaps.push({ startMs: fromMs, endMs: within.endMs });
  return gaps.filter(({ startMs, endMs }) => endMs > startMs);
}

export function totalMs(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
