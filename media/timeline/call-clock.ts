import { samplesPerMs } from '../types.ts';

/** The clock of a call in samples, on which both channels lie: sample 0 is the first sample of the first media packet. */
export class CallClock {
  #startMs = -1;
  #leadSamples = 0;

  get started(): boolean {
    return this.#startMs >= 0;
  }

  /** The first packet, `samples` long, has arrived: its last sample has just been spoken. */
  start(nowMs: number, samples: number): void {
    this.#startMs = nowMs;
    this.#leadSamples = samples;
  }

  /** By now, every sample before this has been spoken. 0 until it has started. */
  at(nowMs: number): number {
    return this.started ? Math.round((nowMs - this.#startMs) * samplesPerMs) + this.#leadSamples : 0;
  }
}
