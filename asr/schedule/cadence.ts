/**
 * How often a channel on which somebody speaks gets a partial: as often as is useful while there is time for it, and
 * more and more seldom as the process fills up. Nothing is reckoned: the interval grows while the process is busier than
 * `fullAt` and shrinks while it is not, so that what costs how much on this machine, and what else it does, need not be
 * known (time spent is wall time). When all but partials keep the process busy past `yieldAt`, partials stop.
 */
export interface CadenceOptions {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
  readonly fullAt: number;
  readonly yieldAt: number;
  /** By which the interval grows or shrinks in a second at most: where the load is `slack` off `fullAt`, or more. */
  readonly growth: number;
  readonly slack: number;
  /** Over which the shares are averaged. */
  readonly windowMs: number;
}

export const defaultCadenceOptions: CadenceOptions = {
  minIntervalMs: 250,
  maxIntervalMs: 2000,
  fullAt: 0.93,
  yieldAt: 0.95,
  growth: 3,
  slack: 0.07,
  windowMs: 3000,
};

export class Cadence {
  readonly #options: CadenceOptions;
  #intervalMs: number;
  #partialShare = 0;
  #otherShare = 0;
  #updatedMs: number;

  constructor(nowMs: number, options: CadenceOptions = defaultCadenceOptions) {
    this.#options = options;
    this.#intervalMs = options.minIntervalMs;
    this.#updatedMs = nowMs;
  }

  /** Work that ended at `nowMs` took `tookMs`: partials, or finals, pauses and voice activity detection. */
  took(on: 'partial' | 'other', tookMs: number, nowMs: number): void {
    this.#settle(nowMs);
    const share = tookMs / this.#options.windowMs;
    if (on === 'partial') this.#partialShare += share;
    else this.#otherShare += share;
  }

  /** Between two partials of one channel; Infinity: none for now. */
  intervalMs(nowMs: number): number {
    this.#settle(nowMs);
    return this.#otherShare > this.#options.yieldAt ? Infinity : this.#intervalMs;
  }

  #settle(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#updatedMs);
    if (elapsedMs === 0) return;
    const { minIntervalMs, maxIntervalMs, fullAt, growth, slack, windowMs } = this.#options;
    const decay = Math.exp(-elapsedMs / windowMs);
    this.#partialShare *= decay;
    this.#otherShare *= decay;
    this.#updatedMs = nowMs;
    const over = this.#partialShare + this.#otherShare - fullAt;
    const pull = Math.max(-1, Math.min(1, over / slack));
    const grown = this.#intervalMs * growth ** ((pull * Math.min(1000, elapsedMs)) / 1000);
    this.#intervalMs = Math.min(maxIntervalMs, Math.max(minIntervalMs, grown));
  }
}
