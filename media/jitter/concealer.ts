import { msToSamples } from '../types.ts';

const shortestPeriod = msToSamples(5);
const longestPeriod = msToSamples(15);
const compared = msToSamples(10);
const history = longestPeriod + compared;
const fade = msToSamples(60);

/**
 * Simple loss concealment: the last pitch period of what was heard is repeated, fading to nothing within 60 ms. It
 * remembers the newest samples of its channel; a longer gap is silence.
 */
export class Concealer {
  readonly #heard = new Int16Array(history);
  #period = longestPeriod;
  #concealed = fade;

  /** Real samples of the channel, in order: `pcm[from..to)`. */
  hear(pcm: Int16Array, from: number, to: number): void {
    const fresh = Math.min(to - from, history);
    if (fresh < history) this.#heard.copyWithin(0, fresh);
    this.#heard.set(pcm.subarray(to - fresh, to), history - fresh);
    this.#concealed = 0;
  }

  /** Writes what is missing into `pcm[from..to)`. */
  fill(pcm: Int16Array, from: number, to: number): void {
    if (this.#concealed === 0) this.#period = this.#bestPeriod();
    for (let i = from; i < to; i++) {
      const n = this.#concealed;
      if (n >= fade) {
        pcm.fill(0, i, to);
        return;
      }
      const sample = this.#heard[history - this.#period + (n % this.#period)] as number;
      pcm[i] = Math.trunc((sample * (fade - n)) / fade);
      this.#concealed++;
    }
  }

  /** The lag at which the newest samples look most like those before them (normalised correlation). */
  #bestPeriod(): number {
    const heard = this.#heard;
    let best = longestPeriod;
    let bestScore = 0;
    for (let lag = shortestPeriod; lag <= longestPeriod; lag++) {
      let correlation = 0;
      let energy = 1;
      for (let i = history - compared; i < history; i++) {
        const earlier = heard[i - lag] as number;
        correlation += (heard[i] as number) * earlier;
        energy += earlier * earlier;
      }
      const score = correlation / Math.sqrt(energy);
      if (score > bestScore) {
        bestScore = score;
        best = lag;
      }
    }
    return best;
  }
}
