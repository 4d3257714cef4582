import type { HeardUntil } from './chains.ts';
import { isSure } from './confidence.ts';
import { isStrict, type PassageSpan } from './passage.ts';
import { isExplained } from './plain-talk.ts';
import { isDigitCount } from './runs.ts';
import type { HeardSegment, HeardWord } from './talk.ts';
import type { HeardTerm } from './terms.ts';
import type { SilenceRange } from './types.ts';

/** What of a card passage nobody may hear: everything but plain talk and the questions themselves. */
export interface Shadows {
  /** Turns, to be silenced with margins. */
  readonly turns: readonly HeardSegment[];
  /** The time between turns: the detector may have missed the first digits of one, or all of it. */
  readonly pauses: readonly SilenceRange[];
}

export function shadowsOf(
  spans: readonly PassageSpan[],
  segments: readonly HeardSegment[],
  terms: readonly HeardTerm[],
  until: HeardUntil,
): Shadows {
  const turns = new Set<HeardSegment>();
  const pauses: SilenceRange[] = [];
  const heardMs = segments.reduce((latest, { endMs }) => Math.max(latest, endMs), 0);
  const knownMs = until.over ? heardMs : until.decidedMs;
  for (const span of spans) {
    if (!isStrict(span)) continue;
    let fromMs = span.startMs;
    for (const segment of segments) {
      if (segment.endMs <= span.startMs || segment.startMs >= span.endMs) continue;
      if (!segment.plain && !isQuestion(segment, terms)) {
        turns.add(segment);
        continue;
      }
      if (segment.startMs > fromMs) pauses.push({ startMs: fromMs, endMs: Math.min(segment.startMs, knownMs) });
      fromMs = Math.max(fromMs, segment.endMs);
    }
    const endMs = Math.min(span.endMs, knownMs);
    if (endMs > fromMs) pauses.push({ startMs: fromMs, endMs });
  }
  return { turns: [...turns], pauses };
}

/** A turn, surely heard, that ends with the question: `And the expiry date?` */
export function isQuestion(segment: HeardSegment, terms: readonly HeardTerm[]): boolean {
  const asked = terms.findLast(
    ({ asks, side, atMs }) => asks && side === segment.side && atMs >= segment.startMs && atMs < segment.endMs,
  );
  if (!asked || !isExplained(segment)) return false;
  const { words } = segment;
  if (segment.side === 'mixed' && mayHoldAnswer(segment, asked)) return false;
  const after = words.filter(({ content, word }) => content && word.startMs >= asked.endMs);
  const surely = words.filter((word) => isSure(word) && word.reading.kind !== 'number').length;
  return after.length <= 1 && surely >= words.length * 0.7;
}

/** Where anybody may be speaking, an answer may stand in the same turn: the one to it, or the end of that before. */
function mayHoldAnswer(segment: HeardSegment, { endMs }: HeardTerm): boolean {
  const likeAnswer = (heard: HeardWord): boolean =>
    !isSure(heard) ||
    (heard.reading.kind === 'number' && !isDigitCount(heard)) ||
    (heard.reading.kind === 'homophone' && heard.word.startMs >= endMs);
  return !isExplained(segment, pauseMs) || segment.words.some(likeAnswer);
}

/** Longer, a word may have been lost. */
const pauseMs = 400;
