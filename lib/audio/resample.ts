const telephoneRateHz = 8000;
/** Zero crossings of the sinc on each side, at the lower of the two rates: sets how steep the filter is. */
const zeroCrossings = 24;
const kaiserBeta = 8;
/** Of the lower Nyquist frequency: leaves room for the filter to fall. */
const passband = 0.94;

/** A whole signal at once: as `StreamResampler`, `ceil(length * toHz / fromHz)` samples. */
export function resample(pcm: Int16Array, fromHz: number, toHz: number = telephoneRateHz): Int16Array {
  if (fromHz === toHz) return pcm.slice();
  const resampler = new StreamResampler(fromHz, toHz);
  const parts = [resampler.push(pcm), resampler.flush()];
  const out = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Windowed-sinc polyphase resampling of a signal that comes in pieces (Kaiser window, over 70 dB down in the stop band).
 * The output is aligned with the input: sample n of it is time n/toHz. It lags by half the filter, which `flush` gives.
 */
export class StreamResampler {
  readonly #phases: number;
  readonly #step: number;
  readonly #halfTaps: number;
  readonly #bank: readonly Float64Array[];
  /**
   * The newest input, as far as outputs to come reach back; its first sample is `#keptStart` of the signal. As doubles:
   * each is multiplied a hundred times. Half a filter of silence lies before the signal, and behind it in the end.
   */
  #kept: Float64Array;
  #keptStart: number;
  #next = 0;

  constructor(fromHz: number, toHz: number = telephoneRateHz) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#phases = toHz / divisor;
    this.#step = fromHz / divisor;
    const cutoff = passband * Math.min(1, toHz / fromHz);
    this.#halfTaps = Math.ceil(zeroCrossings / cutoff);
    this.#kept = new Float64Array(this.#halfTaps - 1);
    this.#keptStart = 1 - this.#halfTaps;
    const bank = this.#same ? 0 : this.#phases;
    this.#bank = Array.from({ length: bank }, (_, phase) => taps(phase / bank, this.#halfTaps, cutoff));
  }

  /** The samples that this piece completes; the piece itself when the rates are the same. */
  push(pcm: Int16Array): Int16Array {
    if (this.#same) return pcm;
    const input = new Float64Array(this.#kept.length + pcm.length);
    input.set(this.#kept);
    input.set(pcm, this.#kept.length);
    const out = this.#produce(input, this.#keptStart + input.length - this.#halfTaps);
    const start = Math.max(this.#keptStart, Math.floor((this.#next * this.#step) / this.#phases) - this.#halfTaps + 1);
    this.#kept = input.slice(start - this.#keptStart);
    this.#keptStart = start;
    return out;
  }

  /** The rest, at the end of the signal. */
  flush(): Int16Array {
    if (this.#same) return new Int16Array(0);
    const input = new Float64Array(this.#kept.length + this.#halfTaps);
    input.set(this.#kept);
    this.#kept = new Float64Array(0);
    return this.#produce(input, this.#keptStart + input.length - this.#halfTaps);
  }

  get #same(): boolean {
    return this.#phases === this.#step;
  }

  /** Outputs whose centre lies before `endInput` of the signal. */
  #produce(input: Float64Array, endInput: number): Int16Array {
    const bank = this.#bank;
    const phases = this.#phases;
    const step = this.#step;
    const next = this.#next;
    const end = Math.max(next, Math.ceil((endInput * phases) / step));
    const before = this.#keptStart + this.#halfTaps - 1;
    const out = new Int16Array(end - next);
    for (let i = 0; i < out.length; i++) {
      const position = (next + i) * step;
      const filter = bank[position % phases] as Float64Array;
      const first = Math.floor(position / phases) - before;
      let sum = 0;
      for (let tap = 0; tap < filter.length; tap++) sum += (filter[tap] as number) * (input[first + tap] as number);
      out[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
    }
    this.#next = end;
    return out;
  }
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
