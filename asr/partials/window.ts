import type { TimedWord } from './words.ts';

/** A window longer than this is shortened. */
const longestSamples = 32_000;
/** What a new window begins with of the old one, at least: the recogniser hears badly at a cut. */
const contextSamples = 8000;
/** It begins this long before its first word. */
const marginSamples = 400;

/**
 * Where a window of partials that has grown too long begins anew while somebody talks on: at the start of a word that
 * is shown, so that what follows is heard with something before it. `words`: how many of `placed` lie before it.
 * Undefined: it may go on as it is, or no word is sure.
 */
export function nextWindow(
  placed: readonly TimedWord[],
  at: { readonly startSample: number; readonly endSample: number; readonly shownToSample: number },
): { readonly startSample: number; readonly words: number } | undefined {
  if (at.endSample - at.startSample < longestSamples) return undefined;
  const contextSample = Math.min(at.shownToSample, at.endSample) - contextSamples;
  const words = placed.findLastIndex((word) => word.startSample <= contextSample);
  const first = placed[words];
  if (first === undefined || words === 0) return undefined;
  return { startSample: Math.max(placed[words - 1]?.endSample ?? 0, first.startSample - marginSamples), words };
}
