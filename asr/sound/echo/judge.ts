import { frameSamples } from '../facts.ts';
import { blockSamples, likeliestDelay, longestDelay } from './delay.ts';
import { fitPath, pathGain, residualPowers, type EchoPath } from './path.ts';

/** What is heard of the other channel in a stretch of this one: a value for each frame of it. */
export interface EchoView {
  /** Mean square. */
  readonly power: Float64Array;
  /** Mean square of what does not come from the other channel. */
  readonly residual: Float64Array;
  /** Share of the power of the whole that comes from there, 0..1. */
  readonly explained: number;
  /** All of it is as loud as there and nearly the same sample for sample: no echo, but the same line twice. */
  readonly isSame: boolean;
}

/** Mean square of a frame in which nothing is heard: -50 dBFS. */
const leastPower = 100 * 100;
/** The other channel's loudest frame beside this one's: 2 dB less, or it is not what is heard here. */
const leastFar = 0.63;
/** Shorter blocks cannot be judged by themselves: half a second. */
const leastSamples = 4096;
/** A path that explains so much of a block is kept for the next ones. */
const certain = 0.9;
/** A path is believed only where the copy is fainter than this, as a factor of amplitude. */
const faintEnough = 0.9;
/** Two channels that carry the same: this near to the same loudness... */
const sameGain = 1.1;
const sameExplained = 0.95;
/** ... and of those, the one that comes later by this much is the copy; else the one that is named later. */
const laterSamples = 16;

/**
 * Says of one channel of a call how much of it is a copy of another: delayed by up to 500 ms, fainter, filtered by up to
 * 32 ms of echo path. Works by prediction: what a filter of the other channel leaves of this one. Somebody who speaks
 * here as well is not predicted by it, however alike the voices. Keeps the path once it is certain, so that the copy is
 * told from what is said over it.
 */
export class EchoJudge {
  /** The channel judged goes for the copy where neither is louder nor earlier. */
  readonly #isNamedLater: boolean;
  #path: EchoPath | undefined;

  constructor(isNamedLater: boolean) {
    this.#isNamedLater = isNamedLater;
  }

  /**
   * `nearSound`: a stretch of this channel. `farSound`: the other channel from `longestDelay` before it until its end; zeros where
   * nothing of it is there.
   */
  look(nearSound: Int16Array, farSound: Int16Array): EchoView {
    const near = withoutHum(nearSound);
    const far = withoutHum(farSound);
    const power = framePowers(near);
    const residual = power.slice();
    let isSame = true;
    for (let from = 0; from < near.length;) {
      const count = Math.min(blockSamples, near.length - from);
      // A rest too short to be judged is judged with what comes before it.
      const start = count < leastSamples ? Math.max(0, from - leastSamples) : from;
      const block = near.subarray(start, from + count);
      const told = this.#block(block, far.subarray(start, from + count + longestDelay));
      if (told !== undefined && told.gain < 1 / sameGain) isSame = false;
      // Blocks begin on frames, counted from the end of the one that was judged twice.
      const first = start / frameSamples;
      told?.residual.forEach((left, at) => {
        if (first + at >= from / frameSamples) residual[first + at] = left;
      });
      from += count;
    }
    const whole = power.reduce((sum, each) => sum + each, 0);
    const explained = whole === 0 ? 0 : 1 - residual.reduce((sum, each) => sum + each, 0) / whole;
    return { power, residual, explained, isSame: isSame && explained > sameExplained };
  }

  #block(near: Int16Array, far: Int16Array): Judged | undefined {
    const nearPower = meanSquare(near);
    // What is nowhere as loud as this has no echo here. It spares the rest wherever people take turns.
    const loudest = framePowers(near).reduce((most, power) => Math.max(most, power), 0);
    const farLoudest = framePowers(far).reduce((most, power) => Math.max(most, power), 0);
    if (nearPower < leastPower / 16 || farLoudest < Math.max(leastPower, loudest * leastFar)) return undefined;
    const known = this.#path && this.#judge(near, far, nearPower, this.#path);
    if (known !== undefined && known.explained >= certain) return known;
    if (near.length < leastSamples) return known;
    const fitted = fitPath(near, far, likeliestDelay(near, far));
    const fresh = fitted && this.#judge(near, far, nearPower, fitted);
    if (fresh !== undefined && fresh.explained >= certain) this.#path = fitted;
    return (fresh?.explained ?? 0) > (known?.explained ?? 0) ? fresh : known;
  }

  /** Undefined where this would not be the copy but what is copied. */
  #judge(near: Int16Array, far: Int16Array, nearPower: number, path: EchoPath): Judged | undefined {
    const residual = residualPowers(near, far, path, frameSamples);
    const left = residual.reduce((sum, power) => sum + power, 0) * (frameSamples / near.length);
    const explained = 1 - left / nearPower;
    const delay = path.delay + strongestTap(path);
    const offset = Math.max(0, longestDelay - delay);
    const gain = pathGain(nearPower, explained, meanSquare(far.subarray(offset, offset + near.length)));
    const isLater = this.#isNamedLater || delay > laterSamples;
    return gain < faintEnough || (gain < sameGain && isLater) ? { explained, gain, residual } : undefined;
  }
}

interface Judged {
  readonly explained: number;
  readonly gain: number;
  /** As in `EchoView`. */
  readonly residual: Float64Array;
}

function strongestTap({ taps }: EchoPath): number {
  let strongest = 0;
  taps.forEach((tap, at) => {
    if (Math.abs(tap) > Math.abs(taps[strongest]!)) strongest = at;
  });
  return strongest;
}

/** High-pass at 200 Hz: an offset or a hum that both lines share says nothing about who is heard on them. */
function withoutHum(pcm: Int16Array): Int16Array {
  const passed = new Int16Array(pcm.length);
  let before = pcm[0] ?? 0;
  let last = 0;
  for (let n = 0; n < pcm.length; n += 1) {
    last = 0.855 * last + 0.93 * (pcm[n]! - before);
    before = pcm[n]!;
    passed[n] = Math.max(-32_768, Math.min(32_767, Math.round(last)));
  }
  return passed;
}

function framePowers(pcm: Int16Array): Float64Array {
  const powers = new Float64Array(Math.ceil(pcm.length / frameSamples));
  for (let n = 0; n < pcm.length; n += 1) {
    const at = Math.floor(n / frameSamples);
    powers[at] = powers[at]! + pcm[n]! ** 2 / frameSamples;
  }
  return powers;
}

function meanSquare(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return sum / Math.max(1, pcm.length);
}
