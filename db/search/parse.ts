import { SidetoneError } from '#lib/errors.ts';

/**
 * The websearch syntax of Postgres (words, "phrases", `or`, `-not`), and `word*` for words beginning so. Parsed here and
 * not by websearch_to_tsquery, because one query looks in two vectors: a word by its stem, a phrase with stop words by
 * its words as they were said. `and` binds tighter than `or`: the result is alternatives, each of terms that must all
 * hold.
 */
export interface Term {
  readonly kind: 'word' | 'phrase' | 'prefix';
  readonly text: string;
  readonly negated: boolean;
}
export type Alternatives = readonly (readonly Term[])[];

const maxQueryChars = 500;
/** Bounds the work: PGlite knows no time limit for a statement. */
const maxTerms = 24;
const minPrefixChars = 2;
const token = /(-?)"([^"]*)"?|(\S+)/g;

/** Alternatives without a positive term are left out: they would match nearly everything. @throws SidetoneError `bad-request` */
export function parseQuery(query: string): Alternatives {
  if (query.length > maxQueryChars)
    throw new SidetoneError('bad-request', `a query has at most ${maxQueryChars} characters`);
  const alternatives: Term[][] = [[]];
  let terms = 0;
  for (const match of query.toWellFormed().replaceAll('\0', ' ').matchAll(token)) {
    if (match[3]?.toLowerCase() === 'or') {
      alternatives.push([]);
      continue;
    }
    const term = match[2] === undefined ? wordTerm(match[3] ?? '') : phraseTerm(match[2], match[1] === '-');
    if (term === undefined) continue;
    terms += 1;
    if (terms > maxTerms) throw new SidetoneError('bad-request', `a query has at most ${maxTerms} terms`);
    alternatives.at(-1)?.push(term);
  }
  return alternatives.filter((each) => each.some((term) => !term.negated));
}

function phraseTerm(text: string, negated: boolean): Term | undefined {
  if (!hasLetters(text)) return undefined;
  return { kind: /\s/.test(text.trim()) ? 'phrase' : 'word', text: text.trim(), negated };
}

function wordTerm(raw: string): Term | undefined {
  const negated = raw.length > 1 && raw.startsWith('-');
  // A quote in the middle of a word opens nothing.
  const text = raw.slice(negated ? 1 : 0).replaceAll('"', '');
  if (!hasLetters(text)) return undefined;
  const stem = /^([\p{L}\p{N}]+)\*$/u.exec(text)?.[1];
  if (stem !== undefined && stem.length >= minPrefixChars) return { kind: 'prefix', text: stem, negated };
  return { kind: 'word', text, negated };
}

function hasLetters(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
