import { isSure } from './confidence.ts';
import { isStrict, spanAt, type PassageSpan } from './passage.ts';
import { amongOrdinaryWords } from './plain-talk.ts';
import { isDigitCount } from './runs.ts';
import { isQuestion } from './shadows.ts';
import { maySpeakOther } from './speakers.ts';
import { isMonth, type HeardSegment, type HeardWord } from './talk.ts';
import type { HeardTerm } from './terms.ts';

/** What in a card passage may have been a digit although it does not read like one. */

/** A detector's margin: a passage that begins at a segment's end is not in it. */
const paddingMs = 150;

/** The span that makes the segment suspect; in a passage where a card is merely mentioned only plain runs are masked. */
function strictSpan(segment: HeardSegment, spans: readonly PassageSpan[]): PassageSpan | null {
  const span = spanAt(spans, segment.startMs) ?? spanAt(spans, segment.endMs - paddingMs);
  return isStrict(span) ? span : null;
}

/** Speech in a passage that gave no text, or of which a third and more may be digits: it may all have been digits. */
export function isUnread(segment: HeardSegment, spans: readonly PassageSpan[], terms: readonly HeardTerm[]): boolean {
  if (strictSpan(segment, spans) === null) return segment.words.length === 0 && isNamedNext(segment, spans, terms);
  const doubtful = segment.words.filter((word) => word.reading.kind !== 'word' || !isSure(word));
  return doubtful.length * 3 >= segment.words.length;
}

/** `...` `That was my credit card.`, or its digits read back. */
function isNamedNext(
  { startMs, endMs }: HeardSegment,
  spans: readonly PassageSpan[],
  terms: readonly HeardTerm[],
): boolean {
  const follows = (atMs: number): boolean => atMs >= endMs && atMs - endMs <= namedWithinMs;
  return (
    endMs - startMs >= longUnreadMs &&
    (terms.some(({ atMs }) => follows(atMs)) || spans.some((span) => isStrict(span) && follows(span.startMs)))
  );
}

const longUnreadMs = 1500;
const namedWithinMs = 5000;

/**
 * Masked whole: in a passage what is neither plain talk nor a question, save for what surely surrounds a number (`It is
 * ...`); in a stretch of digits, fragments.
 */
export function isMaskedWhole(
  segment: HeardSegment,
  spans: readonly PassageSpan[],
  terms: readonly HeardTerm[],
  inStretch: boolean,
): boolean {
  const strict = strictSpan(segment, spans) !== null;
  if (segment.plain || !(strict || (inStretch && segment.fragment)) || isQuestion(segment, terms)) return false;
  if (segment.fragment) return true;
  if (segment.surelyOrdinary) return answers(segment, spans, terms);
  const { words } = segment;
  const sure = words.filter((word) => isSure(word)).length;
  const numbers = words.some((word) => word.reading.kind === 'number' && !isDigitCount(word));
  return !numbers || sure < words.length * surelyAround;
}

/** What comes first after another's question is its answer, even where it was heard as ordinary words. */
function answers(segment: HeardSegment, spans: readonly PassageSpan[], terms: readonly HeardTerm[]): boolean {
  const span = strictSpan(segment, spans);
  const asked = terms.findLast(({ asks, atMs }) => asks && atMs < segment.startMs);
  return (
    span?.state === 'asked' &&
    asked !== undefined &&
    maySpeakOther(asked.side, segment.side) &&
    segment.startMs - asked.endMs <= answerWithinMs
  );
}

const answerWithinMs = 6000;

/** The share of surely heard words from which those around a number stay. */
const surelyAround = 0.7;

/** Whether a word that belongs to no masked run may nevertheless have been a digit. */
export function isDoubtful(word: HeardWord, inStretch: boolean, span: PassageSpan | null): boolean {
  if (inStretch) return word.reading.kind !== 'word' || !isSure(word) || isMonth(word);
  if (!isStrict(span)) return false;
  if (word.reading.kind === 'homophone') return !isSure(word) || !amongOrdinaryWords(word);
  if (word.reading.kind === 'number') return !isDigitCount(word);
  return isMonth(word) ? span.kind === 'expiry' : !isSure(word) && !amongOrdinaryWords(word);
}

/** A homophone while a number is awaited or read that no ordinary words explain: `oh` for the last zero. */
export function isDigitByEar(word: HeardWord, spans: readonly PassageSpan[]): boolean {
  const span = spanAt(spans, word.word.startMs);
  return isStrict(span) && word.reading.kind === 'homophone' && isDoubtful(word, false, span);
}

/** The words of a run, and in a passage the homophones and months that stand right beside it. */
export function withNeighbours(words: readonly HeardWord[], spans: readonly PassageSpan[]): HeardWord[] {
  const first = words[0]!;
  const { segment } = first;
  const suspect = (word: HeardWord | undefined): word is HeardWord =>
    word !== undefined && (word.reading.kind === 'homophone' || isMonth(word) || !isSure(word));
  let from = first.index;
  let to = words.at(-1)!.index;
  if (spanAt(spans, first.word.startMs) !== null) {
    while (suspect(segment.words[from - 1])) from--;
    while (suspect(segment.words[to + 1])) to++;
  }
  return segment.words.slice(from, to + 1);
}
