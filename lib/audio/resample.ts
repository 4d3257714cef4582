const telephoneRateHz = 8000;
/** Zero crossings of the sinc on each side, at the lower of the two rates: sets how steep the filter is. */
const zeroCrossings = 24;
const kaiserBeta = 8;
/** Of the lower Nyquist frequency: leaves room for the filter to fall. */
const passband = 0.94;

/**
 * Windowed-sinc polyphase resampling of a whole signal (Kaiser window, over 70 dB down in the stop band). The output
 * is aligned with the input: sample n of it is time n/toHz.
 */
export function resample(pcm: Int16Array, fromHz: number, toHz: number = telephoneRateHz): Int16Array {
  if (fromHz === toHz) return pcm.slice();
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const phases = toHz / divisor;
  const step = fromHz / divisor;
  const cutoff = passband * Math.min(1, toHz / fromHz);
  const halfTaps = Math.ceil(zeroCrossings / cutoff);
  const bank = Array.from({ length: phases }, (_, phase) => taps(phase / phases, halfTaps, cutoff));
  const out = new Int16Array(Math.floor((pcm.length * phases) / step));
  for (let n = 0; n < out.length; n++) {
    const position = n * step;
    const centre = Math.floor(position / phases);
    const filter = bank[position % phases] as Float64Array;
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap++) {
      sum += (filter[tap] as number) * (pcm[centre - halfTaps + 1 + tap] ?? 0);
    }
    out[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return out;
}

/** Coefficients for the output instant `fraction` of an input sample after the tap at index halfTaps - 1; they sum to 1. */
function taps(fraction: number, halfTaps: number, cutoff: number): Float64Array {
  const filter = new Float64Array(2 * halfTaps);
  let sum = 0;
  for (let tap = 0; tap < filter.length; tap++) {
    const distance = tap - (halfTaps - 1) - fraction;
    const angle = Math.PI * distance * cutoff;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    const value = sinc * kaiser(distance / halfTaps);
    filter[tap] = value;
    sum += value;
  }
  return filter.map((value) => value / sum);
}

function kaiser(position: number): number {
  const inside = 1 - position * position;
  return inside <= 0 ? 0 : besselI0(kaiserBeta * Math.sqrt(inside)) / besselI0(kaiserBeta);
}

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
