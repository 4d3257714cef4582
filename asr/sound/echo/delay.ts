import { Fft } from '../fft.ts';

/** A copy comes no later than this after what it is a copy of: 500 ms. */
export const longestDelay = 4000;
/** Of the sound looked at: 2 s. */
export const blockSamples = 16_384;

const size = 32_768;
/** How far the spectra are whitened: wholly, noise counts as much as speech; not at all, vowels have many peaks. */
const whitening = 0.6;
const fft = new Fft(size);
const nearReal = new Float64Array(size);
const nearImaginary = new Float64Array(size);
const farReal = new Float64Array(size);
const farImaginary = new Float64Array(size);

/**
 * The delay, 0 to `longestDelay` samples, at which `far` is most like `near`: the peak of their whitened
 * cross-correlation. `near`: up to `blockSamples`; `far`: the other channel, from `longestDelay` samples earlier on.
 */
export function likeliestDelay(near: Int16Array, far: Int16Array): number {
  load(near, nearReal, nearImaginary);
  load(far, farReal, farImaginary);
  fft.transform(nearReal, nearImaginary);
  fft.transform(farReal, farImaginary);
  // The inverse transform is the transform of the conjugate, of which only the real part is wanted.
  for (let bin = 0; bin < size; bin += 1) {
    const re = nearReal[bin]! * farReal[bin]! + nearImaginary[bin]! * farImaginary[bin]!;
    const im = nearImaginary[bin]! * farReal[bin]! - nearReal[bin]! * farImaginary[bin]!;
    const weight = (re * re + im * im + 1) ** (-whitening / 2);
    nearReal[bin] = re * weight;
    nearImaginary[bin] = -im * weight;
  }
  fft.transform(nearReal, nearImaginary);
  // `near` lies `longestDelay` after the start of `far`: no delay is a shift of -longestDelay.
  let best = 0;
  let most = -Infinity;
  for (let delay = 0; delay <= longestDelay; delay += 1) {
    const value = nearReal[(size + delay - longestDelay) % size]!;
    if (value > most) {
      most = value;
      best = delay;
    }
  }
  return best;
}

function load(pcm: Int16Array, real: Float64Array, imaginary: Float64Array): void {
  imaginary.fill(0);
  real.fill(0, pcm.length);
  real.set(pcm);
}
