import type { Word, WrittenSpan } from '../types.ts';
import { readAddress } from './addresses.ts';
import { readFraction, readMeasure, readMoney, readNumber, readOrdinal } from './amounts.ts';
import { atomsOf, clausesOf, type Clause, type Match, type Matcher } from './atoms.ts';
import { isScale, smallValue } from './cardinals.ts';
import { readCode } from './codes.ts';
import { readDate } from './dates.ts';
import { readDigits } from './digit-runs.ts';
import { readIdiom } from './idioms.ts';
import { readTime } from './times.ts';

/** Of two that reach equally far the earlier one. */
const matchers: readonly Matcher[] = [
  readAddress,
  readIdiom,
  readMoney,
  readMeasure,
  readTime,
  readDate,
  readDigits,
  readCode,
  readFraction,
  readOrdinal,
  readNumber,
];

/**
 * How people write what was said in English: spans over the words, in order, without overlap, none that would change
 * nothing. Small numbers in running talk stay words (docs/accuracy.md has the rules of style). What the recogniser wrote
 * as figures already joins with words beside it. The punctuation around a span stays in its text.
 */
export function writtenSpans(words: readonly Pick<Word, 'text'>[]): WrittenSpan[] {
  if (words.length === 0 || !words.some(({ text }) => mayMatter.test(text))) return [];
  const spans: WrittenSpan[] = [];
  for (const clause of clausesOf(atomsOf(words))) {
    for (let at = 0; at < clause.atoms.length;) {
      const match = longest(clause, at);
      const span = match === undefined ? undefined : spanOf(clause, at, match, words);
      if (span !== undefined) spans.push(span);
      at = match?.to ?? at + 1;
    }
  }
  return spans;
}

/** One look at each word decides for nearly all turns that nothing in them is written otherwise. */
const mayMatter =
  /^\W*(?:.\W*$|[a-z](?:\W|$))|\d|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twel|teen|twent|thirt|fort|fift|ieth|hundred|thousand|lakh|illion|half|third|quarter|second|first|ninth|dot\b|point/i;

function longest(clause: Clause, from: number): Match | undefined {
  if (clause.atoms[from]?.opens !== true) return undefined;
  let best: Match | undefined;
  for (const matcher of matchers) {
    const match = matcher(clause, from);
    if (match === undefined || clause.atoms[match.to - 1]?.closes !== true) continue;
    if (best === undefined || match.to > best.to) best = match;
  }
  return best;
}

function spanOf(
  clause: Clause,
  from: number,
  match: Match,
  words: readonly Pick<Word, 'text'>[],
): WrittenSpan | undefined {
  const [first, last] = [clause.atoms[from], clause.atoms[match.to - 1]];
  if (first === undefined || last === undefined || standsAlready(clause, from, match)) return undefined;
  const trail = match.text.endsWith('.') && last.trail.startsWith('.') ? last.trail.slice(1) : last.trail;
  const span = { from: first.word, to: last.word + 1, text: first.lead + match.text + trail, kind: match.kind };
  const spoken = words.slice(span.from, span.to).map(({ text }) => text);
  return spoken.join(' ') === span.text ? undefined : span;
}

/** The recogniser wrote it so: a figure, `8 pm`, `March 5th`. */
function standsAlready({ atoms }: Clause, from: number, { to, kind }: Match): boolean {
  const read = atoms.slice(from, to);
  if (read[0]?.word === read.at(-1)?.word) return read.some(({ text }) => /\d/.test(text));
  const figures = !read.some(({ text }) => smallValue(text) !== undefined || isScale(text) || ordinal.test(text));
  return figures && (kind === 'date' || (kind === 'time' && read.length === 2 && !/^[ap]$/.test(read[1]?.text ?? '')));
}

const ordinal = /^(?:first|second|third)$|^[a-z]+(?:th|ies)$|^(?:half|quarter)$/;
