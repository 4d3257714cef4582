import { msToSamples } from '../types.ts';

/** At or below this peak a stretch is quiet: -50 dBFS, under any talk and over the noise of an idle line. */
const quietPeak = 100;
/** A hole that is shorter is the network's; this long, sound was missing. */
const gapSamples = msToSamples(200);

/** What came of one channel: from when to when, with what holes, and how much of it was sound at all. */
export class Presence {
  /** Of the timeline; -1: nothing has come. */
  firstSample = -1;
  /** The sample after the last that came. */
  endSample = -1;
  quietSamples = 0;
  gaps = 0;

  /** The samples of `pcm[from..to)` came, and lie on the timeline from `sample` on. */
  came(pcm: Int16Array, from: number, to: number, sample: number): void {
    if (this.firstSample < 0) this.firstSample = sample;
    else if (sample - this.endSample >= gapSamples) this.gaps++;
    this.endSample = sample + to - from;
    for (let i = from; i < to; i++) {
      const level = pcm[i] as number;
      if (level > quietPeak || level < -quietPeak) return;
    }
    this.quietSamples += to - from;
  }
}
