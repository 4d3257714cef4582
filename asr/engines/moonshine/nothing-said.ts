/**
 * When a segment is left without words although the model would write some. Made to write, it puts subtitles' stock
 * phrases to noise and music; what tells them from speech is how sure it is, at its first step, that nothing was said.
 */

/** Quieter than this at its loudest there is nothing to hear (digital silence reads "You"). 16-bit samples. */
const leastPeak = 32;

/**
 * The end token may not come first unless the model holds it more probable than this. Short words are hard for it: of
 * isolated words of 0.3 to 1 s 97 in 100 lie below, of music, noise and tones as short 95 in 100 above. Of sentences
 * longer than 2 s all lie below 0.1.
 */
export function endLimit(seconds: number, speechSeen: boolean): number {
  if (!speechSeen) return 0;
  if (seconds < 1.2) return 0.97;
  return seconds < 2 ? 0.9 : 0.5;
}

export function isSilent(pcm: Int16Array): boolean {
  for (const sample of pcm) if (sample > leastPeak || sample < -leastPeak) return false;
  return true;
}

const stockPhrase = /[♪♫©]|^\W*(?:thank you|thanks) for watching\W*$|^\W*subtitles by\b/i;

/** Texts that subtitles hold and telephones do not. */
export function isStockText(text: string): boolean {
  return stockPhrase.test(text) || !/[\p{L}\p{N}]/u.test(text);
}

/** What the model writes when it is made to write: believed only with so much confidence. */
const forcedWords: readonly (readonly [text: RegExp, confidence: number])[] = [
  [/^\W*you\W*$/i, 0.5],
  [/^\W*mm-?hmm\W*$/i, 0.1],
];

export function isForcedWord(text: string, confidence: number): boolean {
  return forcedWords.some(([pattern, least]) => confidence < least && pattern.test(text));
}
