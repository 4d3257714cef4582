import type { RedactionKind } from '../types.ts';
import { names } from './vocabulary.ts';

/** How people speak of cards. English, like vocabulary.ts. */

interface CardTerm {
  readonly kind: RedactionKind;
  /** It asks for the number, or says that it comes; otherwise a card is merely spoken of. */
  readonly asks: boolean;
  /** Holds only where nothing beside it names another number: `what is the number` but not `... the order number`. */
  readonly unlessNamed: boolean;
  readonly pattern: RegExp;
}

const thing = '(?:card|cart|cord|credit|debit|visa|mastercard|amex)s?';
const front = '(?:front|back|reverse|rear|strip|signature|other side)';
const term = (kind: RedactionKind, asks: boolean, source: string, unlessNamed = false): CardTerm => ({
  kind,
  asks,
  unlessNamed,
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
    `(?:read|give|tell|take|have|get|need|what(?:'s| is| are)) (?:\\S+ ){0,3}(?:number|numbers|humber|hummer|digits)`,
    true,
  ),
  term('digits', true, `(?:can|could|would|will) you read (?:me|out|that|it)`, true),
  term('digits', true, `when(?:ever)? you(?:'re| are) ready`, true),
  term('card', true, `(?:can|could|may|please|what|take) (?:\\S+ ){0,8}on the front`, true),
  term('cvv', true, `(?:can|could|may|please|what|and) (?:\\S+ ){0,6}on the back`, true),
  term('cvv', true, `(?:what(?:'s| is)|the|security|and|back|give|have|need) (?:\\S+ )?codes?`, true),
  term('card', false, `${thing}|master card|american express|maestro|digits`),
];

export interface TermMatch {
  readonly term: CardTerm;
  /** Offsets into the text. */
  readonly from: number;
  readonly to: number;
}

/** A name may stand this many letters before or after what it names. */
const nameWithin = 24;

/** `text`: normalised words, each followed by one space. */
export function matchTerms(text: string): TermMatch[] {
  return cardTerms.flatMap((of) =>
    [...text.matchAll(of.pattern)].flatMap((match) => {
      const from = match.index;
      const to = from + match[0].length;
      const around = text.slice(Math.max(0, from - nameWithin), to + nameWithin).split(' ');
      return of.unlessNamed && around.some((word) => names.has(word)) ? [] : { term: of, from, to };
    }),
  );
}
