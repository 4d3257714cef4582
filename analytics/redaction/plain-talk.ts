import { isSure } from './confidence.ts';
import { runsOf } from './runs.ts';
import type { HeardSegment, HeardWord } from './talk.ts';

/** Plain talk has this many surely heard words that mean something ... */
const contentWords = 5;
/** ... at most this share of unsure ones ... */
const unsureShare = 0.4;
/** ... and no sound that none of its words explains: digits that were dropped. */
const unexplainedMs = 1000;
/** Of a word; longer, something else was said with it. */
const longestWordMs = 1300;

/**
 * Whether a turn is ordinary talk beyond doubt: it holds no number but amounts, times and dates. Only plain talk closes
 * a card passage, and only it is heard in one. Terse answers, garbled turns and speech without text are not plain.
 */
export function isPlain(segment: HeardSegment): boolean {
  const { words } = segment;
  const content = words.filter((word) => word.content && isSure(word)).length;
  if (content < contentWords || words.filter((word) => !isSure(word)).length > words.length * unsureShare) return false;
  return isExplained(segment) && runsOf(segment).every(({ quantity, digits }) => quantity || digits <= 1);
}

/** Short but surely heard, and nothing in it is like a digit: `Certainly, thanks.` */
export function isSurelyOrdinary(segment: HeardSegment): boolean {
  const { words } = segment;
  return (
    words.length > 0 &&
    words.every((word) => isSure(word) && (word.reading.kind === 'word' || explainsItself(word))) &&
    isExplained(segment)
  );
}

/** Whether the words cover the segment, but for `atMostMs` at a time. */
export function isExplained({ words, startMs, endMs }: HeardSegment, atMostMs = unexplainedMs): boolean {
  let untilMs = startMs;
  for (const { word } of words) {
    if (word.startMs - untilMs > atMostMs || word.endMs - word.startMs > longestWordMs) return false;
    untilMs = Math.max(untilMs, word.endMs);
  }
  return endMs - untilMs <= atMostMs;
}

function explainsItself(word: HeardWord): boolean {
  return word.reading.kind === 'homophone' && amongOrdinaryWords(word);
}

/**
 * `pay for it`, `Oh, I remember`: among surely heard words that are nothing like a digit. Where anybody may be speaking,
 * it has to be one breath: `Go ahead.` `Won` `And what ...` is a digit between two turns.
 */
export function amongOrdinaryWords(word: HeardWord): boolean {
  const { words, side } = word.segment;
  const [previous, next] = [words[word.index - 1], words[word.index + 1]];
  if (side === 'mixed' && !(isOneBreath(previous, word) && isOneBreath(word, next))) return false;
  const ordinary = (index: number): boolean => {
    const other = words[index];
    return other !== undefined && isSure(other) && other.reading.kind === 'word';
  };
  const before = word.index === 0 ? ordinary(2) : ordinary(word.index - 1);
  return before && ordinary(word.index + 1);
}

const breathMs = 200;

function isOneBreath(first: HeardWord | undefined, second: HeardWord | undefined): boolean {
  if (first === undefined || second === undefined) return false;
  return second.word.startMs - first.word.endMs < breathMs && !/[.?!]$/.test(first.word.text);
}
