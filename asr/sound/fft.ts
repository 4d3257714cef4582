/** The discrete Fourier transform of a power of two of complex values, in place. */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #swaps: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
    this.#swaps = reversedBits(size);
  }

  /** Values after `size` are left alone. */
  transform(real: Float64Array, imaginary: Float64Array): void {
    this.#reorder(real);
    this.#reorder(imaginary);
    const { size } = this;
    for (let half = 1, stride = size / 2; half < size; half *= 2, stride /= 2) {
      for (let from = 0; from < size; from += 2 * half) {
        for (let k = 0; k < half; k += 1) {
          const cos = this.#cos[k * stride]!;
          const sin = this.#sin[k * stride]!;
          const even = from + k;
          const odd = even + half;
          const re = real[odd]! * cos + imaginary[odd]! * sin;
          const im = imaginary[odd]! * cos - real[odd]! * sin;
          real[odd] = real[even]! - re;
          imaginary[odd] = imaginary[even]! - im;
          real[even] = real[even]! + re;
          imaginary[even] = imaginary[even]! + im;
        }
      }
    }
  }

  #reorder(values: Float64Array): void {
    for (let at = 0; at < this.size; at += 1) {
      const other = this.#swaps[at]!;
      if (other <= at) continue;
      const value = values[at]!;
      values[at] = values[other]!;
      values[other] = value;
    }
  }
}

function reversedBits(size: number): Uint32Array {
  const bits = Math.log2(size);
  if (!Number.isInteger(bits)) throw new RangeError(`${size} is no power of two`);
  const reversed = new Uint32Array(size);
  for (let at = 1; at < size; at += 1) reversed[at] = (reversed[at >> 1]! >> 1) | ((at & 1) << (bits - 1));
  return reversed;
}
