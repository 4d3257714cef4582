import { dot } from '../types.ts';
import type { PlacedVector, VoiceTurn } from './placement.ts';

/** A voice as it was heard in some windows: the mean of their vectors, not brought to length 1. */
export interface HeardVoice {
  readonly mean: readonly number[];
  readonly windows: number;
}

/** The voices of turns, by number: of each, the windows whose middle lies in its turns. Both in the order of the stream. */
export function heardVoices(turns: readonly VoiceTurn[], vectors: readonly PlacedVector[]): HeardVoice[] {
  const sums: { readonly sum: Float64Array; windows: number }[] = [];
  const dimensions = vectors[0]?.vector.length ?? 0;
  for (const { voice } of turns) sums[voice] ??= { sum: new Float64Array(dimensions), windows: 0 };
  let at = 0;
  for (const { startSample, endSample, vector } of vectors) {
    const middle = (startSample + endSample) / 2;
    while ((turns[at]?.endSample ?? Infinity) <= middle) at++;
    const turn = turns[at];
    const own = turn === undefined || turn.startSample > middle ? undefined : sums[turn.voice];
    if (own === undefined) continue;
    own.windows += 1;
    for (let i = 0; i < dimensions; i++) own.sum[i] = (own.sum[i] ?? 0) + (vector[i] ?? 0);
  }
  return sums.map(({ sum, windows }) => ({
    // Thousandths: they go from process to process as text.
    mean: Array.from(sum, (value) => Math.round((1000 * value) / Math.max(1, windows)) / 1000),
    windows,
  }));
}

/** As clustering has it: the mean cosine of all pairs of their windows. Of voices of unlike models, -1. */
export function likeness(a: HeardVoice, b: HeardVoice): number {
  if (a.mean.length !== b.mean.length || a.windows === 0 || b.windows === 0) return -1;
  return dot(Float32Array.from(a.mean), Float32Array.from(b.mean));
}

export function together(a: HeardVoice, b: HeardVoice): HeardVoice {
  const windows = a.windows + b.windows;
  return {
    mean: a.mean.map((value, i) => (value * a.windows + (b.mean[i] ?? 0) * b.windows) / Math.max(1, windows)),
    windows,
  };
}
