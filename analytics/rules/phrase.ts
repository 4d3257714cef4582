import { tokensOf } from '../words.ts';

/**
 * A phrase of a rule: words that follow one another. `refund*` stands for any word that begins so; `...` for up to
 * `gapWords` words of any kind. Case and punctuation do not count.
 */
export interface Phrase {
  readonly source: string;
  readonly parts: readonly PhrasePart[];
}
interface PhrasePart {
  readonly word: string;
  readonly prefix: boolean;
  /** Words that may stand between the part before and this one. */
  readonly gapWords: number;
}

const gapWords = 5;

export function compilePhrase(source: string): Phrase {
  const parts: PhrasePart[] = [];
  let gap = 0;
  for (const piece of source.split(/\s+/)) {
    if (piece === '...' || piece === '…') {
      gap = parts.length === 0 ? 0 : gapWords;
      continue;
    }
    const words = tokensOf(piece);
    words.forEach((word, index) => {
      const prefix = piece.endsWith('*') && index === words.length - 1;
      parts.push({ word, prefix, gapWords: index === 0 ? gap : 0 });
    });
    gap = 0;
  }
  return { source, parts };
}

/** Matches of a phrase in a list of tokens: index of the first and of the last token, leftmost, not overlapping. */
export function findPhrase(phrase: Phrase, tokens: readonly string[]): readonly { first: number; last: number }[] {
  const found: { first: number; last: number }[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const last = matchFrom(phrase, tokens, at);
    if (last === undefined) continue;
    found.push({ first: at, last });
    at = last;
  }
  return found;
}

function matchFrom(phrase: Phrase, tokens: readonly string[], first: number, part = 0): number | undefined {
  const wanted = phrase.parts[part];
  if (wanted === undefined) return undefined;
  const furthest = Math.min(tokens.length - 1, first + wanted.gapWords);
  for (let at = first; at <= furthest; at++) {
    const token = tokens[at] ?? '';
    if (wanted.prefix ? !token.startsWith(wanted.word) : token !== wanted.word) continue;
    if (part === phrase.parts.length - 1) return at;
    const rest = matchFrom(phrase, tokens, at + 1, part + 1);
    if (rest !== undefined) return rest;
  }
  return undefined;
}
