/**
 * Whether a stream that should have sound has had none for too long. Times in ms of one monotonic clock. A sender that has
 * said that it leaves out silence (comfort noise, RFC 3389) is given longer: it may have nothing to say.
 */
export class SilenceWatch {
  /** The alarm was raised and nothing has come since. */
  silent = false;
  #heardAtMs = 0;
  #suppressed = false;
  /** Since when sound is expected; Infinity: it is not. */
  #expectedSinceMs = Infinity;

  /** When sound last came. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  heard(nowMs: number, suppressed = false): void {
    this.#heardAtMs = nowMs;
    this.#suppressed = suppressed;
  }

  expect(expected: boolean, nowMs: number): void {
    if (!expected) {
      this.#expectedSinceMs = Infinity;
      this.silent = false;
    } else if (this.#expectedSinceMs === Infinity) this.#expectedSinceMs = nowMs;
  }

  get expected(): boolean {
    return this.#expectedSinceMs !== Infinity;
  }

  /** For how long nothing has come that should have; -Infinity while nothing is expected. */
  quietMs(nowMs: number): number {
    return nowMs - Math.max(this.#heardAtMs, this.#expectedSinceMs);
  }

  /** True when it has just been silent for too long. */
  fellSilent(nowMs: number, limitMs: number, suppressedLimitMs: number): boolean {
    if (this.silent || this.quietMs(nowMs) < (this.#suppressed ? suppressedLimitMs : limitMs)) return false;
    this.silent = true;
    return true;
  }
}
