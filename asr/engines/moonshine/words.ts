import { decodeTokens, hasLetters, wordSpans } from '../../text/tokens.ts';
import type { EngineWord } from '../types.ts';
import { type Heard, frameSamples } from './acoustic.ts';
import { firstFrames } from './align.ts';
import { Loudness } from './loudness.ts';

/**
 * Words with times and confidence. A word lies between where the attention turns to it and where it turns to the next one,
 * in the part of that with sound in it. `padSamples`: silence (at 8 kHz) that the model heard before `pcm`.
 */
export function wordsOf(heard: Heard, pcm: Int16Array, padSamples: number): EngineWord[] {
  const { tokens, logProbs, attention, frames } = heard;
  if (tokens.length === 0) return [];
  const starts = firstFrames(attention, tokens.length + 1, frames);
  const sampleOf = (row: number): number =>
    Math.min(pcm.length, Math.max(0, (starts[row] ?? frames) * frameSamples - padSamples));
  const loudness = new Loudness(pcm);
  return wordSpans(tokens).map(([first, afterLast], index) => {
    const [startSample, endSample] = loudness.soundIn(sampleOf(first), sampleOf(afterLast), index === 0);
    return {
      text: decodeTokens(tokens.slice(first, afterLast)),
      startSample,
      endSample,
      confidence: confidenceOf(tokens.slice(first, afterLast), logProbs.slice(first, afterLast)),
    };
  });
}

/** The least probable token with letters in it decides: calibrated to the share of words that are right. */
function confidenceOf(tokens: readonly number[], logProbs: readonly number[]): number {
  let least = 0;
  tokens.forEach((token, index) => {
    if (hasLetters(token)) least = Math.min(least, logProbs[index] ?? 0);
  });
  return Math.exp(least);
}
