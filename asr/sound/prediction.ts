const order = 4;
/** Upper triangle of the normal equations; row and column 0 belong to the sample predicted. */
const sums = new Float64Array((order + 1) ** 2);

/**
 * Power over the power of what the best linear prediction from four samples leaves (covariance method), in dB: over
 * G.711 some 35 for a steady tone and 26 for two that lie close together, up to 25 for the longest vowel, far less for
 * all other speech. Also `turn`, the likeness of neighbouring samples: the cosine of a tone's frequency.
 */
export function predict(pcm: Int16Array): { readonly gainDb: number; readonly turn: number } {
  const count = pcm.length;
  const size = order + 1;
  for (let lag = 0; lag <= order; lag += 1) {
    let sum = 0;
    for (let n = order; n < count; n += 1) sum += pcm[n]! * pcm[n - lag]!;
    sums[lag] = sum;
    // The next of this diagonal has the same products, one earlier.
    for (let i = 1; i + lag <= order; i += 1) {
      sum += pcm[order - i]! * pcm[order - i - lag]! - pcm[count - i]! * pcm[count - i - lag]!;
      sums[i * size + i + lag] = sum;
    }
  }
  const power = sums[0]!;
  if (power === 0) return { gainDb: 0, turn: 0 };
  const turn = sums[1]! / power;
  return { gainDb: 10 * Math.log10(power / Math.max(1, eliminated(size))), turn };
}

/** What elimination leaves of the sample's own power once the four before it are taken out. */
function eliminated(size: number): number {
  for (let pivot = size - 1; pivot > 0; pivot -= 1) {
    const divisor = sums[pivot * size + pivot]! + 1e-9;
    for (let i = 0; i < pivot; i += 1) {
      const factor = sums[i * size + pivot]! / divisor;
      for (let j = i; j < pivot; j += 1) {
        sums[i * size + j] = sums[i * size + j]! - factor * sums[j * size + pivot]!;
      }
    }
  }
  return sums[0]!;
}
