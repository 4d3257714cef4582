const windowSamples = 80;
/** Sound is what comes within 30 dB of the loud parts of the segment. */
const soundShare = 10 ** -3;
/** So much without sound is a pause, not the closure of a consonant. */
const pauseWindows = 12;
/** A part after a pause is the word's when it has so many times the sound of the one before: else it is the next word's beginning. */
const laterPartFactor = 3;
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

  /**
   * The part of [start, end) that a word is heard in: of the stretches of sound that pauses part, the first, unless a
   * later one has much more sound in it. A word that attention was turned to in a pause lies after the pause; one whose
   * place runs on into a pause ends before it. What is quiet for less than a pause at the beginning is the word's own,
   * unless `trimmed`.
   */
  soundIn(start: number, end: number, trimmed = false): readonly [start: number, end: number] {
    const last = Math.ceil(end / windowSamples);
    let best = { from: start, to: Math.min(end, start + leastWordSamples), sound: 0 };
    let run = { from: start, sound: 0 };
    let quiet = trimmed ? pauseWindows : 0;
    for (let window = Math.floor(start / windowSamples); window < last; window++) {
      if (!this.#isSound(window)) {
        quiet++;
        continue;
      }
      if (quiet >= pauseWindows) run = { from: Math.max(start, window * windowSamples), sound: 0 };
      quiet = 0;
      run.sound += Math.sqrt(this.#energies[window] ?? 0);
      const isBetter = run.from === best.from || run.sound > laterPartFactor * best.sound;
      if (isBetter) best = { ...run, to: Math.min(end, (window + 1) * windowSamples) };
    }
    const isLast = quiet < pauseWindows && best.from === run.from;
    const to = isLast ? end : best.to;
    return [
      Math.max(start, Math.min(best.from, to - leastWordSamples)),
      Math.min(end, Math.max(to, best.from + leastWordSamples)),
    ];
  }

  #isSound(window: number): boolean {
    return (this.#energies[window] ?? 0) > this.#floor;
  }
}
