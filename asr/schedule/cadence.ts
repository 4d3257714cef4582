/**
 * How often a channel on which somebody speaks gets a partial: as often as is useful while there is time for it, and
 * more and more seldom as the machine fills up. What a partial costs is measured (wall time, so that a machine busy with
 * other things counts too) and the share of the time that goes into partials is held to `maxShare`. When finals alone
 * keep the process busy past `yieldAt`, partials stop.
 */
export interface CadenceOptions {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
  readonly maxShare: number;
  readonly yieldAt: number;
  /** Over which the shares are averaged. */
  readonly windowMs: number;
}

export const defaultCadenceOptions: CadenceOptions = {
  minIntervalMs: 250,
  maxIntervalMs: 3000,
  maxShare: 0.55,
  yieldAt: 0.85,
  windowMs: 5000,
};

export class Cadence {
  readonly #options: CadenceOptions;
  #partialCostMs = 0;
  #otherShare = 0;
  #updatedMs: number;

  constructor(nowMs: number, options: CadenceOptions = defaultCadenceOptions) {
    this.#options = options;
    this.#updatedMs = nowMs;
  }

  /** `rows` partials took `tookMs` together. */
  partialsTook(rows: number, tookMs: number): void {
    const each = tookMs / rows;
    this.#partialCostMs = this.#partialCostMs === 0 ? each : this.#partialCostMs * 0.9 + each * 0.1;
  }

  /** Finals, pauses and voice activity detection up to `nowMs` took `tookMs`. */
  othersTook(tookMs: number, nowMs: number): void {
    this.#settle(nowMs);
    this.#otherShare += tookMs / this.#options.windowMs;
  }

  /** Between two partials of one channel while `speaking` channels speak; Infinity: none for now. */
  intervalMs(speaking: number, nowMs: number): number {
    this.#settle(nowMs);
    const { minIntervalMs, maxIntervalMs, maxShare, yieldAt } = this.#options;
    if (this.#otherShare > yieldAt) return Infinity;
    const share = Math.min(maxShare, Math.max(0.1, 0.95 - this.#otherShare));
    const affordable = (speaking * this.#partialCostMs) / share;
    return Math.min(maxIntervalMs, Math.max(minIntervalMs, affordable));
  }

  #settle(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#updatedMs);
    this.#otherShare *= Math.exp(-elapsedMs / this.#options.windowMs);
    this.#updatedMs = nowMs;
  }
}
