import { decodeTokens, hasLetters, wordSpans } from '../../text/tokens.ts';
import type { EngineWord } from '../types.ts';
import { type Heard, frameSamples } from './acoustic.ts';
import { firstFrames } from './align.ts';

/**
 * Words with times and confidence. `padSamples`: silence that was put before the audio, `lengthSamples`: the audio's own
 * length, both at 8 kHz.
 */
export function wordsOf(heard: Heard, padSamples: number, lengthSamples: number): EngineWord[] {
  const { tokens, logProbs, attention, frames } = heard;
  if (tokens.length === 0) return [];
  const starts = firstFrames(attention, tokens.length + 1, frames);
  const sampleOf = (row: number): number =>
    Math.min(lengthSamples, Math.max(0, (starts[row] ?? frames) * frameSamples - padSamples));
  return wordSpans(tokens).map(([first, afterLast]) => ({
    text: decodeTokens(tokens.slice(first, afterLast)),
    startSample: sampleOf(first),
    endSample: sampleOf(afterLast),
    confidence: confidenceOf(tokens.slice(first, afterLast), logProbs.slice(first, afterLast)),
  }));
}

/** The least probable token with letters in it decides: calibrated to the share of words that are right. */
function confidenceOf(tokens: readonly number[], logProbs: readonly number[]): number {
  let least = 0;
  tokens.forEach((token, index) => {
    if (hasLetters(token)) least = Math.min(least, logProbs[index] ?? 0);
  });
  return Math.exp(least);
}
