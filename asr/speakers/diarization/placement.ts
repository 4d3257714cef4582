import { dot } from '../types.ts';
import type { SpeechStretch } from './speech-windows.ts';

/** A turn in 8 kHz samples; `voice` counts the voices in the order in which they first speak, from 0. */
export interface VoiceTurn {
  readonly startSample: number;
  readonly endSample: number;
  readonly voice: number;
}
export interface PlacedVector {
  readonly startSample: number;
  readonly endSample: number;
  readonly vector: Float32Array;
}

export const cellSamples = 2000;
/** What a change of voice costs, in cosine: within a stretch, and between two. */
const changeCost = 0.9;
const changeCostAfterPause = 0.25;

/** A pause so short is part of the turn. */
const bridgedSamples = 4000;

interface Cell {
  readonly startSample: number;
  readonly endSample: number;
  readonly afterPause: boolean;
  readonly scores: Float32Array;
}

/**
 * Who speaks in each quarter of a second of speech: the voices that the windows over it are like, the nearer its middle
 * the more, on the path through all cells that changes voice only where it pays (Viterbi). Stretches and vectors are in
 * the order of the stream.
 */
export function placeVoices(
  stretches: readonly SpeechStretch[],
  vectors: readonly PlacedVector[],
  voices: readonly Float32Array[],
): VoiceTurn[] {
  if (voices.length === 0) return [];
  const cells = cellsOf(stretches, vectors, voices);
  const path = bestPath(cells, voices.length);
  const numbers = new Map<number, number>();
  const turns: { startSample: number; endSample: number; voice: number }[] = [];
  cells.forEach((cell, index) => {
    const found = path[index] ?? 0;
    const voice = numbers.get(found) ?? numbers.size;
    numbers.set(found, voice);
    const last = turns.at(-1);
    if (last?.voice === voice && cell.startSample - last.endSample <= bridgedSamples) last.endSample = cell.endSample;
    else turns.push({ startSample: cell.startSample, endSample: cell.endSample, voice });
  });
  return turns;
}

function cellsOf(
  stretches: readonly SpeechStretch[],
  vectors: readonly PlacedVector[],
  voices: readonly Float32Array[],
): Cell[] {
  const cells: Cell[] = [];
  let first = 0;
  const likeness = vectors.map(({ vector }) => Float32Array.from(voices, (voice) => dot(vector, voice)));
  for (const stretch of stretches) {
    const count = Math.max(1, Math.round((stretch.endSample - stretch.startSample) / cellSamples));
    for (let index = 0; index < count; index++) {
      const startSample = stretch.startSample + index * cellSamples;
      const endSample = index === count - 1 ? stretch.endSample : startSample + cellSamples;
      const middle = (startSample + endSample) / 2;
      while ((vectors[first]?.endSample ?? Infinity) <= startSample) first++;
      const scores = new Float32Array(voices.length);
      let weights = 0;
      for (let at = first; (vectors[at]?.startSample ?? Infinity) < endSample; at++) {
        const window = vectors[at];
        if (window === undefined) break;
        const half = (window.endSample - window.startSample) / 2;
        const weight = Math.max(0.05, 1 - Math.abs(middle - window.startSample - half) / half);
        for (let voice = 0; voice < voices.length; voice++) {
          scores[voice] = (scores[voice] ?? 0) + weight * (likeness[at]?.[voice] ?? 0);
        }
        weights += weight;
      }
      if (weights > 0)
        for (let voice = 0; voice < voices.length; voice++) scores[voice] = (scores[voice] ?? 0) / weights;
      cells.push({ startSample, endSample, afterPause: index === 0, scores });
    }
  }
  return cells;
}

function bestPath(cells: readonly Cell[], voices: number): Int32Array {
  const from = new Int32Array(cells.length * voices);
  let totals = new Float64Array(voices);
  cells.forEach((cell, index) => {
    const cost = cell.afterPause ? changeCostAfterPause : changeCost;
    let best = 0;
    for (let voice = 1; voice < voices; voice++) if ((totals[voice] ?? 0) > (totals[best] ?? 0)) best = voice;
    const next = new Float64Array(voices);
    for (let voice = 0; voice < voices; voice++) {
      const stays = (totals[voice] ?? 0) >= (totals[best] ?? 0) - cost;
      from[index * voices + voice] = stays ? voice : best;
      next[voice] = (stays ? (totals[voice] ?? 0) : (totals[best] ?? 0) - cost) + (cell.scores[voice] ?? 0);
    }
    totals = next;
  });
  const path = new Int32Array(cells.length);
  let voice = 0;
  for (let other = 1; other < voices; other++) if ((totals[other] ?? 0) > (totals[voice] ?? 0)) voice = other;
  for (let index = cells.length - 1; index >= 0; index--) {
    path[index] = voice;
    voice = from[index * voices + voice] ?? 0;
  }
  return path;
}
