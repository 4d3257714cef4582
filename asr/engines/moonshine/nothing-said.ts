/**
 * When a segment is left without words although the model would write some. Made to write, it puts subtitles' stock
 * phrases to noise and music; what tells them from speech is how sure it is, at its first step, that nothing was said.
 */

/** Quieter than this at its loudest there is nothing to hear (digital silence reads "You"). 16-bit samples. */
const leastPeak = 32;

/**
 * The end token may not come first unless the model holds it more probable than this. Of isolated words 97 in 100 lie
 * below, and nearly all sentences, those with silence around them too; noise, tones and nearly all music lie above.
 */
export function endLimit(speechSeen: boolean, short: boolean): number {
  if (!speechSeen) return 0;
  return short ? 0.99 : 0.97;
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
  [/^\W*and\W*$/i, 0.35],
  [/^\W*mm-?hmm\W*$/i, 0.1],
];

export function isForcedWord(text: string, confidence: number): boolean {
  return forcedWords.some(([pattern, least]) => confidence < least && pattern.test(text));
}
