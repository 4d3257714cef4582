import { Fft } from './fft.ts';

/** One or two lines of a spectrum, the stronger first, and the share of all energy that lies in them. */
export interface Lines {
  readonly hz: readonly number[];
  readonly share: number;
}

const size = 2048;
/** The second line is at most this much weaker, in power: 12 dB. */
const leastSecond = 1 / 16;
const fft = new Fft(size);
const real = new Float64Array(size);
const imaginary = new Float64Array(size);
const power = new Float64Array(size / 2);

/** The tones of a steady sound of up to 256 ms (the last of it, where it is longer). */
export function linesOf(pcm: Int16Array): Lines {
  const count = Math.min(size, pcm.length);
  const from = pcm.length - count;
  imaginary.fill(0);
  real.fill(0, count);
  for (let n = 0; n < count; n += 1) {
    real[n] = pcm[from + n]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / count));
  }
  fft.transform(real, imaginary);
  let total = 1e-9;
  for (let bin = 0; bin < size / 2; bin += 1) {
    power[bin] = real[bin]! ** 2 + imaginary[bin]! ** 2;
    total += power[bin]!;
  }
  const halfWidth = Math.ceil((2 * size) / count);
  const first = takeLine(halfWidth);
  const second = takeLine(halfWidth);
  if (second.energy < first.energy * leastSecond) return { hz: [first.hz], share: first.energy / total };
  return { hz: [first.hz, second.hz], share: (first.energy + second.energy) / total };
}

/** The strongest line, which is taken out of `power`. */
function takeLine(halfWidth: number): { readonly hz: number; readonly energy: number } {
  let top = 1;
  for (let bin = 2; bin < size / 2 - 1; bin += 1) if (power[bin]! > power[top]!) top = bin;
  let energy = 0;
  let moment = 0;
  for (let bin = Math.max(0, top - halfWidth); bin <= Math.min(size / 2 - 1, top + halfWidth); bin += 1) {
    energy += power[bin]!;
    moment += power[bin]! * bin;
    power[bin] = 0;
  }
  return { hz: energy === 0 ? 0 : ((moment / energy) * 8000) / size, energy };
}
