import type { RedactionKind } from '../types.ts';
import { names } from './vocabulary.ts';

/** How people speak of cards. English, like vocabulary.ts. */

interface CardTerm {
  readonly kind: RedactionKind;
  /** It asks for the number, or says that it comes; otherwise a card is merely spoken of. */
  readonly asks: boolean;
  /**
   * `unless-named`: holds only where nothing beside it names another number: `what is the number` but not `... the order
   * number`. `if-unsure`: only where a word in it was heard uncertainly, for it may have been the one that is missing.
   */
  readonly condition: 'unless-named' | 'if-unsure' | null;
  readonly pattern: RegExp;
}

const thing = '(?:cards?|credit|debit|visa|mastercard|amex)';
/** As a poor line has it; surely heard, they are what one puts the shopping in, and what it hangs on. */
const thingByEar = '(?:cart|cord)s?';
const front = '(?:front|back|reverse|rear|strip|signature|other side)';
/** What stands on a card: one of these makes `on the back` speak of it. */
const onCard = '(?:\\S*digits?|numbers?|humb\\S+|hummer|codes?|figures?|security|long|longer|three|four|free|3|4|read)';
const term = (
  kind: RedactionKind,
  asks: boolean,
  source: string,
  condition: CardTerm['condition'] = null,
): CardTerm => ({
  kind,
  asks,
  condition,
  pattern: new RegExp(`(?<![\\p{L}\\p{N}'])(?:${source})(?![\\p{L}\\p{N}'])`, 'gu'),
});

const cardTerms: readonly CardTerm[] = [
  term(
    'cvv',
    true,
    `security (?:code|number|digits)|c ?v ?v ?2?|c ?v ?c ?2?|c ?v 2|cvb|cbv|cvd|cbb|csc|verification (?:code|number|value)|` +
      `(?:code|numbers?|digits?) (?:\\S+ ){0,3}(?:back|reverse|strip)|(?:three|3|four|4)[ -]digit(?:s)? (?:code|number)|` +
      `(?:three|3) (?:digits?|numbers?)|back of (?:the|your|my|that|this) ${thing}|signature strip`,
  ),
  term(
    'expiry',
    true,
    `expiry|expiration|exp date|valid (?:thru|through|until|till|from)|good (?:thru|through)|date on (?:the |your )?(?:front|${thing})|` +
      `expir(?:es|e|ed|ing) (?:on|in|date|end)`,
  ),
  term('pin', true, `pins?|(?:pin|pen|personal|passing) (?:number|code)|pin's|pass ?code|personal identification`),
  term(
    'card',
    true,
    `${thing} (?:number|digits|details|info|information)s?|(?:car|cards|guard) numbers?|long numbers?|(?:sixteen|16|fifteen|15)[ -]digits?|` +
      `(?:numbers?|digits?) (?:\\S+ ){0,3}(?:front|${thing})|(?:numbers?|digits) (?:\\S+ ){0,2}(?:across|along) (?:\\S+ ){0,2}${front}|` +
      `(?:read|give|tell|take|get|have|need) (?:\\S+ ){0,4}${thing}|${thing} (?:is|ends|ending|starts|starting|reads|goes|begins)`,
  ),
  // As recognisers hear `card number` and `expiry date` over a poor line.
  term(
    'card',
    true,
    `(?:car|cart|carton|cord|court|guard|current|cars|cut|heart|hard) (?:number|humber|hummer|lumber)s?`,
  ),
  term('expiry', true, `(?:e?x|as|in|is|ex)-?(?:p|sp)\\S*(?:r|y)\\S* (?:date|dates|made|maid|mate|day|data)`),
  term(
    'digits',
    true,
    `(?:read|give|tell|take|have|get|need|what(?:'s| is| are)) (?!(?:their|its|his) )(?:\\S+ ){0,3}` +
      `(?:number|numbers|humber|hummer|digits)(?! of (?!the|your|my))`,
    'unless-named',
  ),
  term('digits', true, `(?:can|could|would|will) you read (?:me|out|that|it)`, 'unless-named'),
  term('digits', true, `when(?:ever)? you(?:'re| are) ready`, 'unless-named'),
  term(
    'card',
    true,
    `${onCard} (?:\\S+ ){0,6}on the front|on the front of (?:the|your|my|that|this) (?:car|cart|cord)s?`,
  ),
  term('cvv', true, `${onCard} (?:\\S+ ){0,6}on the back`),
  term('card', true, `(?:can|could|may|please|what|take) (?:\\S+ ){0,8}on the front`, 'if-unsure'),
  term('cvv', true, `(?:can|could|may|please|what|and) (?:\\S+ ){0,6}on the back`, 'if-unsure'),
  term('cvv', true, `(?:what(?:'s| is)|the|security|and|back|give|have|need) (?:\\S+ )?codes?`, 'unless-named'),
  term('card', true, `(?:read|give|tell|take|get|have|need) (?:\\S+ ){0,4}${thingByEar}`, 'if-unsure'),
  term(
    'card',
    true,
    `${thingByEar} (?:details|info|information|is|ends|ending|starts|starting|reads|goes|begins)`,
    'if-unsure',
  ),
  term('card', false, `${thing}|master card|american express|maestro|digits`),
  term('card', false, thingByEar, 'if-unsure'),
];

/** A word as terms look at it. */
export interface TermWord {
  readonly norm: string;
  readonly isSure: boolean;
}

interface TermMatch {
  readonly term: CardTerm;
  /** Positions of its first and its last word. */
  readonly first: number;
  readonly last: number;
}

/** A name may stand this many letters before or after what it names. */
const nameWithin = 24;

export function matchTerms(words: readonly TermWord[]): TermMatch[] {
  const starts: number[] = [];
  let text = '';
  for (const { norm } of words) {
    starts.push(text.length);
    text += `${norm} `;
  }
  const wordAt = (offset: number): number => starts.findLastIndex((start) => start <= offset);
  return cardTerms.flatMap((each) =>
    [...text.matchAll(each.pattern)].flatMap((match) => {
      const to = match.index + match[0].length;
      const first = wordAt(match.index);
      const last = wordAt(to - 1);
      const around = text.slice(Math.max(0, match.index - nameWithin), to + nameWithin).split(' ');
      const holds =
        each.condition === null ||
        (each.condition === 'unless-named'
          ? !around.some((word) => names.has(word))
          : words.slice(first, last + 1).some(({ isSure }) => !isSure));
      return holds ? [{ term: each, first, last }] : [];
    }),
  );
}
