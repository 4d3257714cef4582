import type { ChannelSide } from '#sip/types.ts';
import type { Chain, HeardUntil } from './chains.ts';
import { isSure } from './confidence.ts';
import type { Run } from './runs.ts';
import type { HeardSegment, HeardWord } from './talk.ts';

/**
 * Turns that sound as when somebody dictates a number, whatever the recogniser made of them: terse or garbled or without
 * text, one after the other on one side, nobody saying anything plain in between. Where the question for a card was not
 * understood, this is what is left to tell by.
 */
export interface Dictation {
  readonly side: ChannelSide;
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
/** [digits heard, ms of speech]: from any pair on, a nameless row is a number. A digit takes some 400 ms to say. */
const leastOfNumber = [
  [4, 3000],
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
/** People say two or three words a second. */
const slowWordMs = 1100;

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
    const isDictated = holdsNumber(of, chainOf);
    return {
      side: of[0]!.side,
      startMs: isDictated ? answerFrom(of[0]!, segments) : of[0]!.startMs,
      endMs,
      open:
        !closed &&
        !until.over &&
        until.decidedMs - endMs <= pauseWithinMs &&
        until.decidedMs - of[0]!.startMs <= longestMs,
      isDoubtful: of.some(({ words }) => words.length === 0 || words.some((word) => !isSure(word))),
      isNumber: isDictated,
    };
  });
}

interface Row {
  readonly of: HeardSegment[];
  closed: boolean;
  /** The end of the last turn in it. */
  heardMs: number;
}

function rowsOf(segments: readonly HeardSegment[]): Row[] {
  const rows: Row[] = [];
  for (const segment of segments) {
    if (segment.plain) {
      for (const row of rows) row.closed = true;
      continue;
    }
    // Acknowledgements do not end it, a question does.
    if (!segment.fragment && !segment.lost) for (const row of rows) row.closed ||= row.of[0]!.side !== segment.side;
    const row = rows.findLast(({ of }) => of[0]?.side === segment.side);
    const joins = row && !row.closed && segment.startMs - row.heardMs <= pauseWithinMs;
    // What is surely heard counts neither for nor against a number.
    if (joins) row.heardMs = segment.endMs;
    if (segment.surelyOrdinary) continue;
    if (joins) row.of.push(segment);
    else rows.push({ of: [segment], closed: false, heardMs: segment.endMs });
  }
  return rows;
}

/** From where on the side may have said digits: the turns before, though surely heard, and the pause before them. */
function answerFrom(first: HeardSegment, segments: readonly HeardSegment[]): number {
  let fromMs = first.startMs;
  for (const segment of segments.toReversed()) {
    if (segment.startMs >= fromMs) continue;
    if (segment.side !== first.side && segment.fragment) continue;
    const joins = segment.side === first.side && !segment.plain;
    if (!joins || fromMs - segment.endMs > pauseWithinMs) return Math.max(segment.endMs, fromMs - pauseBeforeMs);
    fromMs = segment.startMs;
  }
  return Math.max(0, fromMs - pauseBeforeMs);
}

/** Nothing waits longer for a row to prove a number. */
const longestMs = 25_000;

/** The longest row that is looked at as one number, in turns. */
const longestRow = 16;

/** Whether a piece of the row is a number by itself, whatever garbled talk stands around it. */
function holdsNumber(row: readonly HeardSegment[], chainOf: ReadonlyMap<HeardSegment, readonly Chain[]>): boolean {
  return row.some((_, end) =>
    row.slice(Math.max(0, end + 1 - longestRow), end + 1).some((_segment, start, before) => {
      const piece = before.slice(start);
      return isNumber(piece, new Set(piece.flatMap((segment) => chainOf.get(segment) ?? [])));
    }),
  );
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
    speechMs >= swallowedMs &&
    words.length * slowWordMs <= speechMs &&
    words.some(({ reading }) => reading.kind === 'number')
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
