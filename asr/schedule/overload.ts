import type { DegradedStep } from '../types.ts';

/** How a process is doing. */
export interface Load {
  /** Between two partials of one channel; Infinity: there are none. */
  readonly partialIntervalMs: number;
  /** What has waited longest of the channels that do not wait altogether: audio to be looked at, or a final. */
  readonly lateMs: number;
}

export interface OverloadOptions {
  /** Partials this far apart are fewer than people want. */
  readonly fewerAtMs: number;
  /** Finals later than this are late. */
  readonly lateAtMs: number;
  /** As late as this, one call more has to wait. */
  readonly waitAtMs: number;
  /** A step up is told once it has lasted this long, a step down as well. */
  readonly upAfterMs: number;
  readonly downAfterMs: number;
  /** Between two calls that are put to wait; none is while the others catch up. */
  readonly settleMs: number;
}

export const defaultOverloadOptions: OverloadOptions = {
  fewerAtMs: 700,
  lateAtMs: 1500,
  waitAtMs: 5000,
  upAfterMs: 2000,
  downAfterMs: 5000,
  settleMs: 3000,
};

/** From none to the worst; `waiting` is of single calls and none of these. */
const order: readonly DegradedStep[] = ['none', 'fewer-partials', 'no-partials', 'late-finals'];

/**
 * How far a process has given way to its load, in steps: fewer partials, no partials, late finals; at last single calls
 * wait until there is time. A step is told only once it has lasted, so that nobody is told of every short peak.
 */
export class Overload {
  readonly #options: OverloadOptions;
  #step = 0;
  #differsSinceMs: number | undefined;
  #behindSinceMs: number | undefined;
  /** When it was last looked whether one call more has to wait, and how late the others were then. */
  #lookedMs = -Infinity;
  #lookedLateMs = 0;

  constructor(options: OverloadOptions = defaultOverloadOptions) {
    this.#options = options;
  }

  get step(): DegradedStep {
    return order[this.#step] ?? 'none';
  }

  /** True when one call more has to wait. */
  see(load: Load, nowMs: number): boolean {
    this.#follow(this.#stepOf(load), nowMs);
    const { waitAtMs, upAfterMs, settleMs } = this.#options;
    if (load.lateMs < waitAtMs) {
      this.#behindSinceMs = undefined;
      this.#lookedLateMs = 0;
      return false;
    }
    this.#behindSinceMs ??= nowMs;
    if (nowMs - this.#behindSinceMs < upAfterMs || nowMs - this.#lookedMs < settleMs) return false;
    const isCatchingUp = load.lateMs < this.#lookedLateMs;
    this.#lookedMs = nowMs;
    this.#lookedLateMs = load.lateMs;
    return !isCatchingUp;
  }

  #stepOf({ partialIntervalMs, lateMs }: Load): number {
    if (lateMs > this.#options.lateAtMs) return 3;
    if (partialIntervalMs === Infinity) return 2;
    return partialIntervalMs > this.#options.fewerAtMs ? 1 : 0;
  }

  /** To where the load is, once it has been off the present step for long enough. */
  #follow(wanted: number, nowMs: number): void {
    if (wanted === this.#step) {
      this.#differsSinceMs = undefined;
      return;
    }
    this.#differsSinceMs ??= nowMs;
    const { upAfterMs, downAfterMs } = this.#options;
    if (nowMs - this.#differsSinceMs < (wanted > this.#step ? upAfterMs : downAfterMs)) return;
    this.#step = wanted;
    this.#differsSinceMs = undefined;
  }
}
