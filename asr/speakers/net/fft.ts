/** A Fourier transform of `size` points (a power of 2), in place: radix 2, decimation in time, its tables made once. */
export function createFft(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const bits = Math.log2(size);
  const cosines = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sines = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
  const mirrored = Uint16Array.from({ length: size }, (_, i) => {
    let mirror = 0;
    for (let bit = 0; bit < bits; bit++) mirror |= ((i >> bit) & 1) << (bits - 1 - bit);
    return mirror;
  });
  return (real, imaginary) => {
    for (let i = 0; i < size; i++) {
      const other = mirrored[i] ?? 0;
      if (other <= i) continue;
      const [re, im] = [real[i] ?? 0, imaginary[i] ?? 0];
      real[i] = real[other] ?? 0;
      imaginary[i] = imaginary[other] ?? 0;
      real[other] = re;
      imaginary[other] = im;
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride] ?? 0;
        const s = sines[k * stride] ?? 0;
        for (let top = k; top < size; top += 2 * half) {
          const low = top + half;
          const lowRe = real[low] ?? 0;
          const lowIm = imaginary[low] ?? 0;
          const re = lowRe * c - lowIm * s;
          const im = lowRe * s + lowIm * c;
          const topRe = real[top] ?? 0;
          const topIm = imaginary[top] ?? 0;
          real[low] = topRe - re;
          imaginary[low] = topIm - im;
          real[top] = topRe + re;
          imaginary[top] = topIm + im;
        }
      }
    }
  };
}
