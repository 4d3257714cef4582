const order = 4;
const edgeSamples = 40;
/** By which a tone is more predictable than any voice: a hum or a long vowel comes to about 25 dB. */
const toneGainDb = 29;

/**
 * Whether a sound is one or two steady tones (ringback, busy, fax, keys): each sample then follows from the four before
 * it, and what is left is the quantisation noise of G.711, some 35 dB below. Of voices far more is left.
 */
export function isTone(pcm: Int16Array): boolean {
  return predictionGainDb(loudPart(pcm)) >= toneGainDb;
}

/** Without what is around the sound, and without its edges: nothing predicts where a tone begins. */
function loudPart(pcm: Int16Array): Int16Array {
  const peak = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const isLoud = (sample: number): boolean => Math.abs(sample) > peak / 4;
  return pcm.subarray(pcm.findIndex(isLoud) + edgeSamples, pcm.findLastIndex(isLoud) + 1 - edgeSamples);
}

/** Power over the power of the error of the best linear prediction from four samples (covariance method). */
export function predictionGainDb(pcm: Int16Array): number {
  // Upper triangle and right side of the normal equations; row and column 0 belong to the sample predicted.
  const sums = Array.from({ length: order + 1 }, () => new Float64Array(order + 1));
  for (let at = order; at < pcm.length; at += 1) {
    for (let i = 0; i <= order; i += 1) {
      const row = sums[i] as Float64Array;
      const left = pcm[at - i] ?? 0;
      for (let j = i; j <= order; j += 1) row[j] = (row[j] ?? 0) + left * (pcm[at - j] ?? 0);
    }
  }
  const power = sums[0]?.[0] ?? 0;
  if (power === 0) return 0;
  return 10 * Math.log10(power / Math.max(1, residual(sums)));
}

/** What elimination leaves of the sample's own power once the four before it are taken out. */
function residual(sums: readonly Float64Array[]): number {
  const size = order + 1;
  const get = (i: number, j: number): number => sums[Math.min(i, j)]?.[Math.max(i, j)] ?? 0;
  const full = Array.from({ length: size }, (_, i) => Float64Array.from({ length: size }, (__, j) => get(i, j)));
  for (let pivot = size - 1; pivot > 0; pivot -= 1) {
    const pivotRow = full[pivot] as Float64Array;
    const divisor = (pivotRow[pivot] ?? 0) + 1e-9;
    for (let i = 0; i < pivot; i += 1) {
      const row = full[i] as Float64Array;
      const factor = (row[pivot] ?? 0) / divisor;
      for (let j = 0; j <= pivot; j += 1) row[j] = (row[j] ?? 0) - factor * (pivotRow[j] ?? 0);
    }
  }
  return full[0]?.[0] ?? 0;
}
