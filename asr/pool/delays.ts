/** Delays of the last minute. */
export class RecentDelays {
  readonly #seen: { readonly atMs: number; readonly delayMs: number }[] = [];

  add(delayMs: number, nowMs: number): void {
    this.#forget(nowMs);
    this.#seen.push({ atMs: nowMs, delayMs });
  }

  /** The 95th percentile (nearest rank); null when there were none. */
  p95Ms(nowMs: number): number | null {
    this.#forget(nowMs);
    const sorted = this.#seen.map((each) => each.delayMs).sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
  }

  #forget(nowMs: number): void {
    const fresh = this.#seen.findIndex((each) => nowMs - each.atMs < 60_000);
    this.#seen.splice(0, fresh < 0 ? this.#seen.length : fresh);
  }
}
