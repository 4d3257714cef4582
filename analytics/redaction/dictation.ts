import type { TalkSide } from '#sip/types.ts';
import type { Chain, HeardUntil } from './chains.ts';
import { isSure } from './plain-talk.ts';
import type { Run } from './runs.ts';
import type { HeardSegment, HeardWord } from './talk.ts';

/**
 * Turns that sound as when somebody dictates a number, whatever the recogniser made of them: terse or garbled or without
 * text, one after the other on one side, nobody saying anything plain in between. Where the question for a card was not
 * understood, this is what is left to tell by.
 */
export interface Dictation {
  readonly side: TalkSide;
  readonly startMs: number;
  readonly endMs: number;
  /** More of it may come. */
  readonly open: boolean;
  /** Something in it was heard uncertainly, or not at all. */
  readonly isDoubtful: boolean;
  /** Enough of it is like digits, and nothing names it. */
  readonly isNumber: boolean;
}

const pauseWithinMs = 5000;
/** A detector's margins at both ends of a segment. */
const padsMs = 300;
/** [digits heard, ms of speech]: from either pair on, a nameless row is a number. A digit takes some 400 ms to say. */
const leastOfNumber = [
  [3, 3500],
  [2, 5500],
] as const;
/** Of the words in a row, at least this share reads like digits or was heard uncertainly. */
const leastShare = 0.5;
const garbledTurns = 4;
const garbledShare = 0.4;
/** The voice detector may have missed this much of the first digits. */
const pauseBeforeMs = 2500;
const terseMs = 3500;
/** Longest answer that may be a lone number, drawn out. */
const swallowedMs = 3000;

export function dictationsOf(
  segments: readonly HeardSegment[],
  chains: readonly Chain[],
  until: HeardUntil,
): Dictation[] {
  const chainOf = new Map<HeardSegment, Chain[]>();
  for (const chain of chains) {
    for (const segment of new Set(chain.runs.map(({ words }) => words[0]!.segment))) {
      chainOf.set(segment, [...(chainOf.get(segment) ?? []), chain]);
    }
  }
  return rowsOf(segments).map(({ of, closed }) => {
    const endMs = of.at(-1)!.endMs;
    const first = firstOfNumber(of, chainOf);
    return {
      side: of[0]!.side,
      startMs: first ? answerFrom(first, segments) : of[0]!.startMs,
      endMs,
      open:
        !closed &&
        !until.over &&
        until.decidedMs - endMs <= pauseWithinMs &&
        until.decidedMs - of[0]!.startMs <= longestMs,
      isDoubtful: of.some(({ words }) => words.length === 0 || words.some((word) => !isSure(word))),
      isNumber: first !== null,
    };
  });
}

interface Row {
  readonly of: HeardSegment[];
  closed: boolean;
}

function rowsOf(segments: readonly HeardSegment[]): Row[] {
  const rows: Row[] = [];
  for (const segment of segments) {
    if (segment.plain) {
      for (const row of rows) row.closed = true;
      continue;
    }
    // Acknowledgements do not end it, a question does.
    if (!segment.fragment) for (const row of rows) row.closed ||= row.of[0]!.side !== segment.side;
    if (segment.surelyOrdinary) continue;
    const row = rows.findLast(({ of }) => of[0]?.side === segment.side);
    const gapMs = segment.startMs - (row?.of.at(-1)?.endMs ?? Number.NEGATIVE_INFINITY);
    if (row && !row.closed && gapMs <= pauseWithinMs) row.of.push(segment);
    else rows.push({ of: [segment], closed: false });
  }
  return rows;
}

/** From where on the side may have said digits: the terse turns before, though surely heard, and the pause before them. */
function answerFrom(first: HeardSegment, segments: readonly HeardSegment[]): number {
  let fromMs = first.startMs;
  for (const segment of segments.toReversed()) {
    if (segment.startMs >= fromMs) continue;
    if (segment.side !== first.side && segment.fragment) continue;
    const joins = segment.side === first.side && !segment.plain && isTerse(segment);
    if (!joins || fromMs - segment.endMs > pauseWithinMs) return Math.max(segment.endMs, fromMs - pauseBeforeMs);
    fromMs = segment.startMs;
  }
  return Math.max(0, fromMs - pauseBeforeMs);
}

/** Nothing waits longer for a row to prove a number. */
const longestMs = 25_000;

/** The longest row that is looked at as one number, in turns. */
const longestRow = 16;

/**
 * Where a number begins in a row: the shortest piece that is one by itself, whatever garbled talk follows, and the terse
 * turns before it.
 */
function firstOfNumber(
  row: readonly HeardSegment[],
  chainOf: ReadonlyMap<HeardSegment, readonly Chain[]>,
): HeardSegment | null {
  for (let end = 1; end <= row.length; end++) {
    for (let start = end - 1; start >= Math.max(0, end - longestRow); start--) {
      const piece = row.slice(start, end);
      if (!isNumber(piece, new Set(piece.flatMap((segment) => chainOf.get(segment) ?? [])))) continue;
      const longBefore = row.slice(0, start).findLastIndex((segment) => !isTerse(segment));
      return row[longBefore + 1]!;
    }
  }
  return null;
}

function isTerse({ startMs, endMs }: HeardSegment): boolean {
  return endMs - startMs <= terseMs;
}

function isNumber(row: readonly HeardSegment[], chains: ReadonlySet<Chain>): boolean {
  if ([...chains].some(({ name }) => name !== null)) return false;
  const within = (run: Run): boolean => row.includes(run.words[0]!.segment);
  const runs = [...chains].flatMap((chain) => (chain.quantity ? [] : chain.runs.filter(within)));
  const digits = runs.reduce((sum, run) => sum + run.digits, 0);
  const speechMs = row.reduce((sum, { startMs, endMs }) => sum + Math.max(0, endMs - startMs - padsMs), 0);
  if (isGarbledRow(row) || row.some(isSwallowed)) return true;
  if (!leastOfNumber.some(([least, leastMs]) => digits >= least && speechMs >= leastMs)) return false;
  const words = row.flatMap((segment) => segment.words).filter(({ content, reading }) => content || reading.digits > 0);
  const withoutText = row.filter((segment) => segment.words.length === 0).length;
  return words.filter(likeDigit).length + withoutText >= (words.length + withoutText) * leastShare;
}

/** Seconds of speech of which nothing but a digit or two came out: `5,`. */
function isSwallowed({ words, startMs, endMs }: HeardSegment): boolean {
  const speechMs = endMs - startMs - padsMs;
  return (
    speechMs >= swallowedMs && words.length * 1500 <= speechMs && words.some(({ reading }) => reading.kind === 'number')
  );
}

/** Nearly nothing was understood, yet it came in terse pieces, and of some one digit shines through. */
function isGarbledRow(row: readonly HeardSegment[]): boolean {
  const words = row.flatMap((segment) => segment.words);
  const unsure = words.filter((word) => !isSure(word)).length;
  const withoutText = row.filter((segment) => segment.words.length === 0).length;
  return (
    row.length >= garbledTurns &&
    row.every(isTerse) &&
    unsure + withoutText >= (words.length + withoutText) * garbledShare &&
    words.some(({ reading }) => reading.kind === 'number')
  );
}

function likeDigit(word: HeardWord): boolean {
  return word.reading.kind !== 'word' || !isSure(word);
}
