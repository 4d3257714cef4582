import { Fft } from '../../sound/fft.ts';

/**
 * What the speaker network hears: logarithms of the energies in 40 mel bands from 80 to 3600 Hz of a 25 ms frame (Hann)
 * every 10 ms, less the mean of each band over the stretch. The training's copy is asr/training/speakers/model.py; a
 * golden vector in the tests holds the two together.
 */
export const frameSamples = 200;
export const hopSamples = 80;
export const bands = 40;
const fftSize = 256;
const fft = new Fft(fftSize);
const bins = fftSize / 2 + 1;
const lowHz = 80;
const highHz = 3600;
const floor = 1e-6;

const hann = Float64Array.from(
  { length: frameSamples },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (frameSamples - 1)),
);
const mel = (hz: number): number => 1127 * Math.log(1 + hz / 700);

/** For each bin: its first band of two neighbours (-1: below the first), and its share of that band; the next has the rest. */
const melPlaces = Array.from({ length: bins }, (_, bin) => {
  const step = (mel(highHz) - mel(lowHz)) / (bands + 1);
  const at = (mel((bin * 8000) / fftSize) - mel(lowHz)) / step - 1;
  const band = Math.floor(at);
  return { band, share: 1 - (at - band) };
});

export function framesIn(samples: number): number {
  return Math.max(0, Math.floor((samples - frameSamples) / hopSamples) + 1);
}

/**
 * Features of `framesIn(pcm.length)` frames of 8 kHz sound: into `into` from `offset` on, [band][frame]. Runs in one
 * scratch space: not to be interleaved.
 */
export function filterbank(pcm: Int16Array, into: Float32Array, offset = 0): void {
  const frames = framesIn(pcm.length);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * hopSamples;
    real.fill(0, frameSamples);
    imaginary.fill(0);
    for (let i = 0; i < frameSamples; i++) real[i] = ((pcm[start + i] ?? 0) / 32_768) * (hann[i] ?? 0);
    fft.transform(real, imaginary);
    energies.fill(floor);
    for (let bin = 0; bin < bins; bin++) {
      const place = melPlaces[bin];
      if (place === undefined || place.band < -1 || place.band >= bands) continue;
      const power = (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
      if (place.band >= 0) energies[place.band] = (energies[place.band] ?? 0) + power * place.share;
      if (place.band + 1 < bands) {
        energies[place.band + 1] = (energies[place.band + 1] ?? 0) + power * (1 - place.share);
      }
    }
    for (let band = 0; band < bands; band++) into[offset + band * frames + frame] = Math.log(energies[band] ?? floor);
  }
  for (let band = 0; band < bands; band++) {
    const row = into.subarray(offset + band * frames, offset + (band + 1) * frames);
    let sum = 0;
    for (const value of row) sum += value;
    const mean = sum / frames;
    for (let frame = 0; frame < frames; frame++) row[frame] = (row[frame] ?? 0) - mean;
  }
}

const real = new Float64Array(fftSize);
const imaginary = new Float64Array(fftSize);
const energies = new Float64Array(bands);
