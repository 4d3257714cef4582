const windowSamples = 80;
/** Sound is what comes within 30 dB of the loud parts of the segment. */
const soundShare = 10 ** -3;
/** So much without sound is a pause, not the closure of a consonant. */
const pauseWindows = 12;
/** A word is never cut shorter than this. */
const leastWordSamples = 400;

/** Where in a segment there is sound, by windows of 10 ms at 8 kHz. */
export class Loudness {
  readonly #energies: Float64Array;
  readonly #floor: number;

  constructor(pcm: Int16Array) {
    this.#energies = new Float64Array(Math.ceil(pcm.length / windowSamples));
    for (let index = 0; index < pcm.length; index++) {
      const window = Math.floor(index / windowSamples);
      this.#energies[window] = (this.#energies[window] ?? 0) + (pcm[index] ?? 0) ** 2;
    }
    const loud = this.#energies.toSorted()[Math.floor(this.#energies.length * 0.95)] ?? 0;
    this.#floor = loud * soundShare;
  }

  /** The first sample with sound from `start` on, a least word's length before `end` at the latest. */
  soundFrom(start: number, end: number): number {
    let sample = start;
    while (sample + leastWordSamples < end && !this.#isSound(Math.floor(sample / windowSamples))) {
      sample += windowSamples;
    }
    return sample;
  }

  /**
   * Where a word that lies somewhere between `start` and `end` has died away: at the beginning of the longest pause
   * there, or else at `end`.
   */
  soundUntil(start: number, end: number): number {
    const first = Math.ceil((start + leastWordSamples) / windowSamples);
    const last = Math.floor(end / windowSamples);
    let longest = pauseWindows - 1;
    let pauseStart = end;
    let run = 0;
    for (let window = first; window <= last; window++) {
      run = window < last && !this.#isSound(window) ? run + 1 : 0;
      if (run > longest) {
        longest = run;
        pauseStart = (window - run + 1) * windowSamples;
      }
    }
    return pauseStart;
  }

  #isSound(window: number): boolean {
    return (this.#energies[window] ?? 0) > this.#floor;
  }
}
