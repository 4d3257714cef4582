/** A piece of speech to be embedded: `[startSample, endSample)` of the stream. */
export interface SpeechWindow {
  readonly startSample: number;
  readonly endSample: number;
  readonly pcm: Int16Array;
}
/** Speech without a pause worth the name. */
export interface SpeechStretch {
  readonly startSample: number;
  endSample: number;
}

/** A voice is told from another by this much of it, and a change of voices is placed to about half of the step. */
export const windowSamples = 12_000;
export const stepSamples = 4000;
/** A stretch as short as this says nothing of who speaks: it goes to whoever speaks around it. */
const leastSamples = 2400;
/** A rest of a stretch that no window covers yet and that is worth one of its own. */
const restSamples = 1600;
const speechProbability = 0.5;
const pauseSamples = 2560;

/** Cuts what the voice activity detector calls speech into overlapping windows. Holds three windows of sound at most. */
export class SpeechWindows {
  readonly stretches: SpeechStretch[] = [];
  readonly #held = new Int16Array(3 * windowSamples);
  #heldStart = 0;
  #heldLength = 0;
  #stretch: SpeechStretch | undefined;
  /** End of the last window of the open stretch. */
  #covered = 0;

  /** The next frame of the stream. Returns the windows that are complete with it. */
  push(startSample: number, frame: Int16Array, probability: number): SpeechWindow[] {
    const speaks = probability >= speechProbability;
    const windows: SpeechWindow[] = [];
    if (this.#stretch !== undefined && startSample - this.#stretch.endSample >= pauseSamples) {
      windows.push(...this.end());
    }
    if (this.#stretch === undefined) {
      if (!speaks) return windows;
      this.#stretch = { startSample, endSample: startSample };
      this.stretches.push(this.#stretch);
      this.#covered = startSample;
      this.#heldStart = startSample;
      this.#heldLength = 0;
    }
    this.#hold(frame);
    if (speaks) this.#stretch.endSample = startSample + frame.length;
    const next = this.#covered === this.#stretch.startSample ? windowSamples : stepSamples;
    if (this.#stretch.endSample >= this.#covered + next) windows.push(this.#window(this.#covered + next));
    return windows;
  }

  /** The stream ends, or what follows is missing: the rest of the open stretch. */
  end(): SpeechWindow[] {
    const stretch = this.#stretch;
    this.#stretch = undefined;
    if (stretch === undefined) return [];
    const rest = stretch.endSample - this.#covered;
    const isWorth = this.#covered === stretch.startSample ? rest >= leastSamples : rest >= restSamples;
    return isWorth ? [this.#window(stretch.endSample, stretch.startSample)] : [];
  }

  #window(endSample: number, notBefore = 0): SpeechWindow {
    const startSample = Math.max(notBefore, endSample - windowSamples);
    this.#covered = endSample;
    const from = startSample - this.#heldStart;
    return { startSample, endSample, pcm: this.#held.slice(from, from + endSample - startSample) };
  }

  #hold(frame: Int16Array): void {
    if (this.#heldLength + frame.length > this.#held.length) {
      // A window, and what has been said since: the step to the next, and a pause.
      const kept = 2 * windowSamples;
      const dropped = this.#heldLength - kept;
      this.#held.copyWithin(0, dropped, this.#heldLength);
      this.#heldStart += dropped;
      this.#heldLength = kept;
    }
    this.#held.set(frame, this.#heldLength);
    this.#heldLength += frame.length;
  }
}
