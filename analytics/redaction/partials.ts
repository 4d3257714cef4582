import type { Word } from '#asr/types.ts';
import { isSure } from './confidence.ts';
import { normalise, readToken } from './digit-words.ts';
import { matchTerms } from './card-terms.ts';

/**
 * What may be seen of a segment that is still being spoken, outside a card passage: its words up to the second
 * digit-like word in a row (a figure counts its digits); one other word between two digits does not end the row: it may
 * be one that was misheard. `digitsBefore`: 1 while a number is being said.
 */
export function showable(words: readonly Word[], digitsBefore: number): readonly Word[] {
  let inRow = digitsBefore;
  let others = 0;
  for (const [index, word] of words.entries()) {
    const { kind, digits, norm, atoms } = readToken(word.text);
    if (kind === 'number') {
      // A number word counts once, `twenty` too; a figure by its digits.
      inRow += /\p{N}/u.test(norm) ? digits : Math.max(1, atoms.length);
    } else if (kind === 'homophone') {
      if (inRow > 0) inRow++;
    }
    others = kind === 'word' ? others + 1 : 0;
    if (others > 1) inRow = 0;
    if (inRow >= 2) return words.slice(0, index);
  }
  return words;
}

/** Whether an unfinished text speaks of a card already; its final will open the passage. */
export function speaksOfCard(words: readonly Word[]): boolean {
  return matchTerms(words.map((word) => ({ norm: normalise(word.text), isSure: isSure({ word }) }))).length > 0;
}
