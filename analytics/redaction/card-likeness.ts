import { hasCardPrefix, isCardNumber } from './card-numbers.ts';
import type { Chain } from './chains.ts';
import { readings } from './digit-words.ts';

/** Whether a number is a card's by its own digits, and by what was not heard of it. */

/** The least digits of a run that is a card's unless named otherwise, and the most of one that a name may keep. */
export const cardDigits = 11;
const nameableDigits = 20;
/** Of a run that was poorly heard, digits went missing: it is a card's from this length on. */
const doubtfulDigits = 9;
const fewestDigits = 5;
const likeliest = 2;
/** With sound lost beside it: the least digits, and how long one takes to say. */
const fewestBesideLoss = 3;
const digitMs = 400;

/** All digit strings that the number may be, the likeliest first. */
export function readingsOf(chain: Chain): string[] {
  return readings(chain.runs.flatMap((run) => run.words.flatMap((word) => word.reading.atoms)));
}

/** Whether any way to read the digits begins as cards do. */
export function beginsLikeCard(chain: Chain): boolean {
  return readings(chain.runs[0]!.words.flatMap((word) => word.reading.atoms)).some(hasCardPrefix);
}

/**
 * A card's, by its own digits: 11 or more, unless named otherwise and not a card number by Luhn and prefix. Of a named
 * number that is still being said nothing is known yet.
 */
export function looksLikeCard(chain: Chain): boolean {
  if (chain.shared) return true;
  const lost = chain.quantity || chain.digits < fewestBesideLoss ? 0 : chain.lostMs / digitMs;
  if (chain.name === null && lost > 0 && chain.digits + lost >= cardDigits) return true;
  const perhaps = chain.digits + chain.doubts;
  if (chain.name === null && chain.doubts > 0 && chain.digits >= fewestDigits && perhaps >= doubtfulDigits) return true;
  if (chain.digits < cardDigits) return false;
  if (chain.name === null) return true;
  const heard = readingsOf(chain).slice(0, likeliest);
  const once = chain.side === 'mixed' ? heard.flatMap((digits) => saidTwice(digits) ?? []) : [];
  if (chain.digits > nameableDigits && !once.some(({ length }) => length <= nameableDigits)) return true;
  if (!chain.closed) return false;
  // Of a number that was misheard one reading in ten passes: only the likeliest are evidence.
  return [...heard, ...once].some(isCardNumber);
}

/** Where one stream carries everybody, a number and its read-back are one chain: the number alone. */
function saidTwice(digits: string): string | undefined {
  const half = digits.slice(0, digits.length / 2);
  return half + half === digits ? half : undefined;
}
