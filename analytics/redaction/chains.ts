import { partySides, type ChannelSide } from '#sip/types.ts';
import { cardDigits, readingsOf } from './card-likeness.ts';
import { unsureBelow } from './confidence.ts';
import { isName, isOfNumber } from './names.ts';
import { runsOf, type Run } from './runs.ts';
import { maySpeakOther } from './speakers.ts';
import { isTalk, type HeardSegment, type HeardWord } from './talk.ts';
import type { HeardTerm } from './terms.ts';

/**
 * A chain is one number as one side says it, over as many runs and turns as it takes.
 *
 * Two runs of a side belong together while the same side says no more than `talkWithin` words of ordinary talk between
 * them (fillers, corrections and acknowledgements are free), no other side more than `otherTalkWithin`, no more than
 * `pauseWithinMs` pass, and no side names a new number. A chain is closed, that is: can no longer grow, once one of
 * these is exceeded or all sides have ended. In a stream that carries everybody all talk may be the other's. Quantities (`three times`) are chains of their own.
 */
export interface Chain {
  readonly side: ChannelSide;
  readonly runs: readonly Run[];
  readonly startMs: number;
  readonly endMs: number;
  readonly digits: number;
  readonly quantity: boolean;
  readonly name: string | null;
  readonly closed: boolean;
  /** Words heard uncertainly within it: dropped, joined or misheard digits. */
  readonly doubts: number;
  /** ms of sound near it that nobody heard: more of its digits may be in there. */
  readonly lostMs: number;
  /** Together with what other sides say it has the length of a card. */
  readonly shared: boolean;
}

const talkWithin = 4;
/** After a lone digit: `I need one because ...` is over at once. */
const talkWithinOfOne = 1;
const otherTalkWithin = 14;
/** The other side's answer to one or two digits: `for two people` `certainly, what time would suit you?` */
const otherTalkWithinOfTwo = 5;
export const pauseWithinMs = 12_000;
/** How far back a question by another side names a number. */
const askedWithinMs = 12_000;
const askedWithinWords = 16;

/** Sound lost so near a number may have held more of it. */
const lossWithinMs = 5000;

export interface HeardUntil {
  /** Everything on all sides before this is final. */
  readonly decidedMs: number;
  /** The sides of the call, and from when on they take part. */
  readonly sides: readonly { readonly side: ChannelSide; readonly fromMs: number }[];
  readonly over: boolean;
}

export function chainsOf(
  segments: readonly HeardSegment[],
  words: readonly HeardWord[],
  terms: readonly HeardTerm[],
  until: HeardUntil,
): Chain[] {
  const chains: Chain[] = [];
  for (const side of partySides) {
    let open: Run[] = [];
    const close = (next: Run | null): void => {
      if (open.length > 0) chains.push(chainOf(open, segments, words, next !== null, until));
      open = [];
    };
    for (const run of segments.filter((segment) => segment.side === side).flatMap(runsOf)) {
      if (run.quantity) {
        chains.push(chainOf([run], segments, words, true, until));
        continue;
      }
      if (open.length > 0 && !joins(open, run, words, terms)) close(run);
      open.push(run);
    }
    close(null);
  }
  return markShared(
    chains.sort((a, b) => a.startMs - b.startMs),
    words,
  );
}

function joins(open: readonly Run[], run: Run, words: readonly HeardWord[], terms: readonly HeardTerm[]): boolean {
  const last = open.at(-1)!;
  // The question for a code ends the number before it, and begins a passage of its own.
  if (terms.some(({ asks, kind, atMs }) => asks && kind !== 'card' && atMs >= last.endMs && atMs < run.startMs)) {
    return false;
  }
  if (run.startMs - last.endMs > pauseWithinMs || exceeded(open, words, run.startMs)) return false;
  const named = nameOf(run, words);
  // A name after the run names all of the chain; one between the two begins another number.
  return named === null || named.atMs < last.endMs || named.atMs > run.startMs;
}

/** Whether more ordinary talk than a number may contain stands between the end of these runs and `untilMs`. */
function exceeded(runs: readonly Run[], words: readonly HeardWord[], untilMs: number): boolean {
  const last = runs.at(-1)!;
  const digits = runs.reduce((sum, run) => sum + run.digits, 0);
  let own = 0;
  let other = 0;
  const others = new Map<ChannelSide, number>();
  for (const word of words) {
    if (word.word.startMs < last.endMs || !isTalk(word)) continue;
    if (word.word.startMs >= untilMs) break;
    if (!maySpeakOther(word.side, last.side)) {
      own++;
      continue;
    }
    const count = (others.get(word.side) ?? 0) + 1;
    others.set(word.side, count);
    other = Math.max(other, count);
  }
  return (
    own > (digits === 1 ? talkWithinOfOne : talkWithin) ||
    other > (digits <= 2 ? otherTalkWithinOfTwo : otherTalkWithin)
  );
}

function chainOf(
  runs: readonly Run[],
  segments: readonly HeardSegment[],
  words: readonly HeardWord[],
  followed: boolean,
  until: HeardUntil,
): Chain {
  const first = runs[0]!;
  const last = runs.at(-1)!;
  const name = runs.map((run) => nameOf(run, words)).find((found) => found !== null);
  const quiet = until.decidedMs - last.endMs > pauseWithinMs;
  return {
    side: first.side,
    runs,
    startMs: first.startMs,
    endMs: last.endMs,
    digits: runs.reduce((sum, run) => sum + run.digits, 0),
    quantity: first.quantity,
    name: name?.word ?? null,
    doubts: doubtsWithin(runs),
    lostMs: lostBeside(first.startMs, last.endMs, segments),
    shared: false,
    closed: first.quantity || followed || quiet || until.over || exceeded(runs, words, until.decidedMs),
  };
}

/**
 * What the run's segment calls it; else the last name that was said shortly before it: any in the turn before, further
 * back only one that is plainly of a number (`order number`, not `accounts department`).
 */
function nameOf(run: Run, words: readonly HeardWord[]): Run['name'] {
  if (run.name) return run.name;
  let left = askedWithinWords;
  let turn: HeardSegment | null = null;
  for (let index = words.length - 1; index >= 0 && left > 0; index--) {
    const heard = words[index]!;
    const { word, segment, reading } = heard;
    if (word.startMs >= run.startMs || segment === run.words[0]!.segment) continue;
    if (word.startMs < run.startMs - askedWithinMs) break;
    if (turn === null && isTurn(segment)) turn = segment;
    const direct = turn === null || turn === segment;
    if (isName(heard) && (direct || isOfNumber(heard))) return { word: reading.norm, atMs: word.startMs };
    if (reading.kind === 'word') left--;
  }
  return null;
}

/** Neither an acknowledgement nor a part of a number. */
function isTurn({ words, fragment }: HeardSegment): boolean {
  return !fragment && words.length >= 3 && words.every(({ reading }) => reading.kind !== 'number');
}

/**
 * One number said by several sides in turn (`four one one one` `and then?` ...): chains close to each other, none of them
 * named, whose digits come to a card's. What merely repeats another side does not count.
 */
function markShared(chains: readonly Chain[], words: readonly HeardWord[]): Chain[] {
  const shared = new Set<Chain>();
  let group: Chain[] = [];
  let digits = 0;
  for (const chain of chains) {
    if (chain.quantity || chain.name !== null) continue;
    const endMs = Math.max(...group.map((member) => member.endMs));
    const talk = words.filter(
      (word) => isTalk(word) && word.word.startMs >= endMs && word.word.startMs < chain.startMs,
    );
    if (chain.startMs - endMs > pauseWithinMs || talk.length > talkWithin) {
      group = [];
      digits = 0;
    }
    const repeated = group.some((member) => member.side !== chain.side && repeats(member, chain));
    digits += repeated ? 0 : chain.digits;
    group.push(chain);
    if (digits < cardDigits || group.every(({ side }) => side === chain.side)) continue;
    for (const member of group) shared.add(member);
  }
  return chains.map((chain) => (shared.has(chain) ? { ...chain, shared: true } : chain));
}

function repeats(first: Chain, second: Chain): boolean {
  const heard = readingsOf(first);
  return readingsOf(second).some((digits) => heard.some((known) => known.includes(digits)));
}

function lostBeside(startMs: number, endMs: number, segments: readonly HeardSegment[]): number {
  const near = segments.filter(
    (segment) => segment.lost && segment.endMs >= startMs - lossWithinMs && segment.startMs <= endMs + lossWithinMs,
  );
  return near.reduce((longest, lost) => Math.max(longest, lost.endMs - lost.startMs), 0);
}

/** Unsure words and homophones of the run's own segments, which are mostly digits. */
function doubtsWithin(runs: readonly Run[]): number {
  const segments = new Set(runs.flatMap((run) => run.words.map((word) => word.segment)));
  let doubts = 0;
  for (const { words } of segments) {
    const unsure = words.filter(({ reading, word }) => reading.kind !== 'number' && word.confidence < unsureBelow);
    if (words.every(({ content, word }) => !content || word.confidence < unsureBelow)) doubts += unsure.length;
  }
  return doubts;
}
