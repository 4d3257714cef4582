/**
 * What a segment is heard with around it. The model was trained on sentences: a word cut out close reads as part of one,
 * or as nothing. With silence around it it is heard as whole. A short segment is heard twice, in silence and in faint
 * noise, and what both agree on best is believed; longer ones lose by any of it.
 */
export interface Surroundings {
  /** On each side, in samples at 8 kHz. */
  readonly padSamples: number;
  /** Amplitude of the white noise that lies over all of it, in 16-bit samples. */
  readonly noise: number;
}

/** Segments below this are short: 1.2 s. */
export const shortSamples = 9600;

export const alone: readonly Surroundings[] = [{ padSamples: 0, noise: 0 }];
/** What a partial costs is weighed against how soon it will be replaced. */
export const shortPartial: readonly Surroundings[] = [{ padSamples: 1200, noise: 0 }];
export const shortFinal: readonly Surroundings[] = [
  { padSamples: 2000, noise: 0 },
  { padSamples: 4000, noise: 16 },
];

/** `pcm` in its surroundings: itself where there are none, else a copy. The noise is the same each time. */
export function soundIn(pcm: Int16Array, { padSamples, noise }: Surroundings): Int16Array {
  if (padSamples === 0 && noise === 0) return pcm;
  const sound = new Int16Array(pcm.length + 2 * padSamples);
  sound.set(pcm, padSamples);
  let state = 1;
  for (let index = 0; index < sound.length; index++) {
    state = (state * 48_271) % 0x7fffffff;
    const value = (sound[index] ?? 0) + Math.round(noise * ((2 * state) / 0x7fffffff - 1));
    sound[index] = Math.max(-32_768, Math.min(32_767, value));
  }
  return sound;
}
