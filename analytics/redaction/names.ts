import { isSure } from './confidence.ts';
import type { HeardWord } from './talk.ts';
import { everydayNames, names } from './vocabulary.ts';

/**
 * Whether the word names a number that is no card's, as it was heard or as it may have been said. A word of everyday
 * talk (`a lot of`) does so only together with a word for number, or within two words of the number itself (`table 12`,
 * the run at `run`).
 */
export function isName(word: HeardWord, run: { readonly first: number; readonly last: number } | null = null): boolean {
  if (isNameByEar(word)) return true;
  const { norm } = word.reading;
  if (!names.has(norm)) return false;
  if (!everydayNames.has(norm) || isOfNumber(word)) return true;
  return run !== null && word.index >= run.first - beside && word.index <= run.last + beside;
}

const beside = 2;

/** `order number`, `tracking code`, `reference hummer`; `the number of the house`. */
export function isOfNumber({ segment, index }: HeardWord): boolean {
  const near = [...segment.words.slice(Math.max(0, index - 3), index), ...segment.words.slice(index + 1, index + 3)];
  return near.some(({ reading }) => nouns.test(reading.norm));
}

const nouns = /^(?:number|code|reference|id|humber|humbert|hummer|lumber)s?$/;

/**
 * `organ number`, poorly heard, for an order number: before a word for number stands one that begins as a name does and
 * goes on much like it. Only names are known by ear that no word for cards begins like: a garbled `card number` keeps
 * its beginning at least.
 */
function isNameByEar(word: HeardWord): boolean {
  const next = word.segment.words[word.index + 1]?.reading.norm ?? '';
  if (isSure(word) || word.reading.kind !== 'word' || !nouns.test(next)) return false;
  const { norm } = word.reading;
  return knownByEar.some(
    (name) => norm.startsWith(name.slice(0, onset)) && edits(norm, name) <= name.length * mostEdited,
  );
}

const knownByEar = 'order tracking reference booking invoice ticket'.split(' ');
const onset = 2;
const mostEdited = 0.6;

/** Letters to change, leave out or put in that make one word of the other (Levenshtein). */
function edits(first: string, second: string): number {
  let row = Array.from({ length: second.length + 1 }, (_, at) => at);
  for (let i = 1; i <= first.length; i++) {
    const next = [i];
    for (let j = 1; j <= second.length; j++) {
      const swapped = row[j - 1]! + (first[i - 1] === second[j - 1] ? 0 : 1);
      next.push(Math.min(swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[second.length]!;
}
