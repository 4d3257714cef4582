import type { SampleRange } from '../types.ts';

/** 50 ms a peak: 20 a second draw an hour on any screen. */
export const samplesPerPeak = 400;

/** What stands in `<callId>.peaks.json`, beside the recording. */
export interface PeaksFile {
  readonly version: 1;
  readonly sampleRateHz: number;
  readonly samplesPerPeak: number;
  readonly channels: number;
  readonly samples: number;
  /** The recording's own story, so that it outlives the process: see RecordingReport. */
  readonly silenced: readonly SampleRange[];
  readonly unredacted: readonly SampleRange[];
  readonly failure: string | null;
  /** int8, four a peak: caller's minimum and maximum, then the callee's. The last peak may cover less. */
  readonly peaks: readonly number[];
}

/** Gathers peaks of two channels from samples in order. */
export class PeakMeter {
  readonly peaks: number[] = [];
  #inPeak = 0;
  readonly #extremes = new Int16Array(4);

  push(caller: Int16Array, callee: Int16Array): void {
    const extremes = this.#extremes;
    for (let i = 0; i < caller.length; i++) {
      const left = caller[i] as number;
      const right = callee[i] as number;
      if (this.#inPeak === 0) {
        extremes[0] = left;
        extremes[1] = left;
        extremes[2] = right;
        extremes[3] = right;
      } else {
        if (left < (extremes[0] as number)) extremes[0] = left;
        if (left > (extremes[1] as number)) extremes[1] = left;
        if (right < (extremes[2] as number)) extremes[2] = right;
        if (right > (extremes[3] as number)) extremes[3] = right;
      }
      if (++this.#inPeak === samplesPerPeak) this.#close();
    }
  }

  finish(): readonly number[] {
    if (this.#inPeak > 0) this.#close();
    return this.peaks;
  }

  #close(): void {
    for (const extreme of this.#extremes) this.peaks.push(extreme >> 8);
    this.#inPeak = 0;
  }
}
