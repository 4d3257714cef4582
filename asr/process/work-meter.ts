import type { Clock } from '#lib/clock.ts';
import type { Cadence } from '../schedule/cadence.ts';

export interface WorkDone {
  readonly busyMs: number;
  readonly heardSamples: number;
  readonly finals: number;
  readonly partials: number;
}

/** What a process has done since it last told of it; what it costs goes on to the cadence of partials. */
export class WorkMeter {
  readonly #clock: Clock;
  readonly #cadence: Cadence;
  #busyMs = 0;
  heardSamples = 0;
  finals = 0;
  partials = 0;

  constructor(clock: Clock, cadence: Cadence) {
    this.#clock = clock;
    this.#cadence = cadence;
  }

  /** Work that began at `startMs` is done. */
  spent(startMs: number, on: 'partial' | 'other'): void {
    const nowMs = this.#clock.nowMs();
    this.#busyMs += nowMs - startMs;
    this.#cadence.took(on, nowMs - startMs, nowMs);
  }

  take(): WorkDone {
    const { heardSamples, finals, partials } = this;
    const done = { busyMs: this.#busyMs, heardSamples, finals, partials };
    this.#busyMs = 0;
    this.heardSamples = 0;
    this.finals = 0;
    this.partials = 0;
    return done;
  }
}
