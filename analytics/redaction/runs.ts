import type { ChannelSide } from '#sip/types.ts';
import { countDigits } from './digit-words.ts';
import { isName } from './names.ts';
import type { HeardSegment, HeardWord } from './talk.ts';
import { clockBefore, measures, months, pronounBefore } from './vocabulary.ts';

/** Number words in a row within one segment; homophones between two of them belong to it. */
export interface Run {
  readonly side: ChannelSide;
  readonly words: readonly HeardWord[];
  readonly startMs: number;
  readonly endMs: number;
  readonly digits: number;
  /** Counts, measures or dates something: `three times`, `at four thirty`, `the 21st`, `$45`. */
  readonly quantity: boolean;
  /** The run's own segment names it as something other than a card's: `order number ...`, `... is my case`. */
  readonly name: { readonly word: string; readonly atMs: number } | null;
}

/** The runs of a segment, in order. */
export function runsOf(segment: HeardSegment): Run[] {
  const runs: Run[] = [];
  let block: HeardWord[] = [];
  const close = (): void => {
    const words = trimmed(block);
    block = [];
    if (words.length > 0) runs.push(runOf(segment, words));
  };
  for (const word of segment.words) {
    const digitLike = word.reading.kind !== 'word' && !isDigitCount(word);
    const joinsHundred = word.reading.norm === 'and' && block.at(-1)?.reading.atoms.at(-1)?.type === 'scale';
    if (digitLike || joinsHundred) block.push(word);
    else close();
  }
  close();
  return runs;
}

/** `three digits`, `16-digit`: says how many digits, not which; `one moment` says none. */
export function isDigitCount(word: HeardWord): boolean {
  if (word.reading.kind !== 'number' || word.reading.digits > 2) return false;
  const next = word.segment.words[word.index + 1]?.reading.norm ?? '';
  if (word.reading.norm === 'one' && /^(?:moment|second|sec|minute)$/.test(next)) return true;
  return /^digits?$/.test(next) || /-digits?$/.test(word.reading.norm);
}

/** Homophones count at the edge of a run where three or more stand in a row; `oh` beside a number is a zero. */
function trimmed(block: readonly HeardWord[]): HeardWord[] {
  const plain = block.some((word) => word.reading.kind === 'number');
  const counts = ({ reading }: HeardWord): boolean =>
    reading.kind === 'number' || /^o(?:h|w|we)?s?$/.test(reading.norm);
  if (!plain) return block.length >= 3 ? [...block] : [];
  const inner = block.slice(block.findIndex(counts), block.findLastIndex(counts) + 1);
  return inner.length >= 3 ? [...block] : inner;
}

function runOf(segment: HeardSegment, words: readonly HeardWord[]): Run {
  const first = words[0]!;
  const last = words.at(-1)!;
  const digits = countDigits(words.flatMap((word) => word.reading.atoms));
  return {
    side: segment.side,
    words,
    startMs: first.word.startMs,
    endMs: last.word.endMs,
    digits,
    quantity: isQuantity(segment, words, digits),
    name: nameWithin(segment, first, last),
  };
}

function isQuantity(segment: HeardSegment, words: readonly HeardWord[], digits: number): boolean {
  if (words.every((word) => word.reading.quantity)) return true;
  const before = segment.words[words[0]!.index - 1]?.reading.norm ?? '';
  const last = words.at(-1)!;
  // `two, three. Time, two` measures nothing.
  const after = endsClause(last) ? '' : (segment.words[last.index + 1]?.reading.norm ?? '');
  // `one thousand three hundred and thirty dollars`
  const scaled = words.some(({ reading }) => reading.atoms.some(({ type }) => type === 'scale'));
  if (scaled && measures.has(after)) return true;
  if (digits > 4) return false;
  if (measures.has(after) || months.has(before) || (months.has(after) && digits <= 2)) return true;
  if (words.length === 1 && words[0]!.reading.norm === 'one' && pronounBefore.has(before)) return true;
  return digits <= 3 && words.length <= 3 && clockBefore.has(before) && isClock(words);
}

function endsClause({ word }: HeardWord): boolean {
  return /[.,;:?!]$/.test(word.text);
}

/** `four`, `four thirty`, `quarter past 4`: an hour, and minutes if any. */
function isClock(words: readonly HeardWord[]): boolean {
  const values = words.map((word) => {
    const [atom] = word.reading.atoms;
    return atom?.type === 'digits' ? Number(atom.digits) : Number.NaN;
  });
  const [hour = 0, minutes = 0] = values;
  return hour >= 1 && hour <= 12 && (values.length === 1 || (minutes >= 10 && minutes < 60));
}

const nameReachBefore = 12;
const nameReachAfter = 6;

function nameWithin(segment: HeardSegment, first: HeardWord, last: HeardWord): Run['name'] {
  const run = { first: first.index, last: last.index };
  for (let index = first.index - 1; index >= Math.max(0, first.index - nameReachBefore); index--) {
    const word = segment.words[index]!;
    if (isName(word, run)) return { word: word.reading.norm, atMs: word.word.startMs };
  }
  for (const word of segment.words.slice(last.index + 1, last.index + 1 + nameReachAfter)) {
    if (isName(word, run)) return { word: word.reading.norm, atMs: word.word.startMs };
  }
  return null;
}
