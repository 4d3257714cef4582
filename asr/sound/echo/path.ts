import { longestDelay } from './delay.ts';

/** What the way from one channel to the other does to the sound: a short filter, some time later. */
export interface EchoPath {
  /** Of its first tap, in samples; may be a little less than none. */
  readonly delay: number;
  readonly taps: Float64Array;
}

/** Taps before the likeliest delay: what arrives first is not always the strongest. */
const early = 24;
const mostTaps = 256;
/** So many samples for a tap, or the filter fits whatever it is shown. */
const samplesPerTap = 40;
const regularisation = 1e-3;

/**
 * The filter that makes most of `near` out of `far` around `delay`, by least squares (Levinson's recursion); undefined
 * where there is nothing to make it of. Layout as for `likeliestDelay`.
 */
export function fitPath(near: Int16Array, far: Int16Array, delay: number): EchoPath | undefined {
  const count = Math.min(mostTaps, Math.floor(near.length / samplesPerTap));
  const first = delay - early;
  if (count < 2 * early) return undefined;
  const auto = new Float64Array(count);
  const cross = new Float64Array(count);
  // `far` at the first tap, sample for sample beside `near`.
  const offset = longestDelay - first;
  for (let lag = 0; lag < count; lag += 1) {
    let own = 0;
    let other = 0;
    const from = Math.max(0, lag - offset);
    const until = Math.min(near.length, far.length - offset);
    for (let n = from; n < until; n += 1) {
      const late = far[n + offset - lag]!;
      own += far[n + offset]! * late;
      other += near[n]! * late;
    }
    auto[lag] = own;
    cross[lag] = other;
  }
  if (auto[0]! <= near.length) return undefined;
  auto[0] = auto[0]! * (1 + regularisation);
  return { delay: first, taps: solveToeplitz(auto, cross) };
}

/** x of T x = y, with T symmetric Toeplitz by its first row (Levinson). */
function solveToeplitz(row: Float64Array, right: Float64Array): Float64Array {
  const count = row.length;
  const x = new Float64Array(count);
  const predictor = new Float64Array(count);
  const old = new Float64Array(count);
  let error = row[0]!;
  predictor[0] = 1;
  x[0] = right[0]! / error;
  for (let order = 1; order < count; order += 1) {
    let sum = 0;
    for (let i = 0; i < order; i += 1) sum += predictor[i]! * row[order - i]!;
    const reflection = -sum / error;
    old.set(predictor);
    for (let i = 0; i <= order; i += 1) predictor[i] = old[i]! + reflection * old[order - i]!;
    error *= 1 - reflection * reflection;
    let missing = right[order]!;
    for (let i = 0; i < order; i += 1) missing -= x[i]! * row[order - i]!;
    const step = missing / error;
    for (let i = 0; i <= order; i += 1) x[i] = x[i]! + step * predictor[order - i]!;
  }
  return x;
}

/** What of `near` is left once what came along the path is taken out: the power of each frame of `frame` samples. */
export function residualPowers(near: Int16Array, far: Int16Array, path: EchoPath, frame: number): Float64Array {
  const { taps, delay } = path;
  const offset = longestDelay - delay;
  const powers = new Float64Array(Math.ceil(near.length / frame));
  for (let n = 0; n < near.length; n += 1) {
    let made = 0;
    const last = n + offset;
    const from = Math.max(0, last - far.length + 1);
    const until = Math.min(taps.length, last + 1);
    for (let tap = from; tap < until; tap += 1) made += taps[tap]! * far[last - tap]!;
    const left = near[n]! - made;
    const at = Math.floor(n / frame);
    powers[at] = powers[at]! + (left * left) / frame;
  }
  return powers;
}

/** By how much the path changes the level: 1 is not at all. Of speech, whose power lies in its low bands. */
export function pathGain(nearPower: number, explained: number, farPower: number): number {
  return farPower <= 0 ? Infinity : Math.sqrt((nearPower * Math.max(0, explained)) / farPower);
}
