/** What one estimate looks at: 64 ms. */
export const pitchSamples = 512;
const shortestLag = 20;
const longestLag = 133;
const span = pitchSamples - longestLag;
/** Likeness of a voiced sound to itself one period later. */
const voiced = 0.6;
/** The shortest lag nearly as good as the best: a period, and not two of them. */
const nearlyBest = 0.9;

const likeness = new Float64Array(longestLag + 2);

/**
 * Fundamental frequency, 60 to 400 Hz, by normalised autocorrelation; null where the sound is not voiced. Finds it from
 * its harmonics too, where the line carries nothing under 300 Hz. `pcm`: `pitchSamples` at 8 kHz.
 */
export function pitchHz(pcm: Int16Array): number | null {
  let own = 0;
  for (let n = 0; n < span; n += 1) own += pcm[n]! * pcm[n]!;
  let later = own;
  let best = 0;
  for (let lag = 1; lag <= longestLag; lag += 1) {
    later += pcm[span + lag - 1]! ** 2 - pcm[lag - 1]! ** 2;
    if (lag < shortestLag - 1) continue;
    let sum = 0;
    for (let n = 0; n < span; n += 1) sum += pcm[n]! * pcm[n + lag]!;
    const value = sum / Math.sqrt(own * later + 1);
    likeness[lag] = value;
    if (lag >= shortestLag) best = Math.max(best, value);
  }
  if (best < voiced) return null;
  for (let lag = shortestLag; lag < longestLag; lag += 1) {
    const [before, here, after] = [likeness[lag - 1]!, likeness[lag]!, likeness[lag + 1]!];
    if (here < nearlyBest * best || here < before || here < after) continue;
    const bend = before - 2 * here + after;
    const shift = bend === 0 ? 0 : (before - after) / (2 * bend);
    return 8000 / (lag + shift);
  }
  return null;
}
