/** Taps on each side of the point halfway between two samples. */
const halfTaps = 24;
export const halfbandWeights = halfbandTaps();

/** Windowed sinc (Kaiser, beta 8) for the halfway points, outwards; the samples themselves pass unchanged. */
function halfbandTaps(): Float32Array {
  const weights = new Float32Array(halfTaps);
  let sum = 0;
  for (let k = 0; k < halfTaps; k++) {
    const distance = k + 0.5;
    const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
    weights[k] = sinc * bessel0(8 * Math.sqrt(1 - (distance / (halfTaps + 0.5)) ** 2));
    sum += 2 * (weights[k] ?? 0);
  }
  return weights.map((weight) => weight / sum);
}

function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * 8 kHz PCM to 16 kHz floats of -1..1 by a half-band polyphase FIR without delay, zeros assumed outside. Our own graphs
 * take 8 kHz, with these weights in their first convolution; this is for models as others made them.
 */
export function upsample8to16(pcm: Int16Array): Float32Array {
  const length = pcm.length;
  const out = new Float32Array(2 * length);
  const scale = 1 / 32768;
  for (let n = 0; n < length; n++) {
    let between = 0;
    for (let k = 0; k < halfTaps; k++) {
      const left = n - k >= 0 ? (pcm[n - k] ?? 0) : 0;
      between += (halfbandWeights[k] ?? 0) * (left + (pcm[n + 1 + k] ?? 0));
    }
    out[2 * n] = (pcm[n] ?? 0) * scale;
    out[2 * n + 1] = between * scale;
  }
  return out;
}
