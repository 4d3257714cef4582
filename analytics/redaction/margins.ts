import type { HeardSegment } from './talk.ts';
import type { SilenceRange } from './types.ts';

/**
 * redaction.md, "Sound", asks for 400 ms before the first digit and 700 ms after the last; the rest is for word times
 * and the beginnings of speech, which are some 50 to 200 ms off.
 */
const beforeMs = 600;
const afterMs = 800;
/** Widened to the next pause, at most this far. */
const widenBeforeMs = 400;
const widenAfterMs = 800;
/** A gap of this length is a pause. */
const pauseMs = 150;
/** And over the pause to the next turn, at most this far: a voice detector misses the first and last digits of some. */
const overPauseMs = 2500;

/** How far before a digit silence may begin: the mark stays this far behind what is decided. */
export const leadMs = beforeMs + overPauseMs;

/** `knownMs`: what was said before is known on all sides. */
export function withMargins(spoken: SilenceRange, segments: readonly HeardSegment[], knownMs: number): SilenceRange {
  const startMs = Math.max(0, spoken.startMs - beforeMs);
  const endMs = spoken.endMs + afterMs;
  // Of the channels only those count on which somebody speaks at the edge: the cut is widened to where all pause.
  const pauseFromMs = Math.max(startMs - widenBeforeMs, pauseBefore(startMs, segments));
  const pauseToMs = Math.min(endMs + widenAfterMs, pauseAfter(endMs, segments));
  return {
    startMs: Math.max(0, Math.min(pauseFromMs, turnBefore(spoken.startMs, segments))),
    endMs: Math.max(pauseToMs, turnAfter(spoken.endMs, segments, knownMs)),
  };
}

/** The end of the last turn before, of any side. */
function turnBefore(edgeMs: number, segments: readonly HeardSegment[]): number {
  const endsMs = segments.filter(({ startMs }) => startMs < edgeMs).map(({ endMs }) => endMs);
  return Math.max(edgeMs - beforeMs - overPauseMs, ...endsMs);
}

/** The start of the next turn, as far as it is known. */
function turnAfter(edgeMs: number, segments: readonly HeardSegment[], knownMs: number): number {
  const startsMs = segments.filter(({ endMs }) => endMs > edgeMs).map(({ startMs }) => startMs);
  return Math.min(edgeMs + overPauseMs, knownMs, ...startsMs);
}

function pauseBefore(edgeMs: number, segments: readonly HeardSegment[]): number {
  let atMs = edgeMs;
  for (const { word } of wordsNear(edgeMs, segments).sort((a, b) => b.word.endMs - a.word.endMs)) {
    if (word.startMs < atMs && word.endMs > atMs - pauseMs) atMs = word.startMs;
  }
  return atMs;
}

function pauseAfter(edgeMs: number, segments: readonly HeardSegment[]): number {
  let atMs = edgeMs;
  for (const { word } of wordsNear(edgeMs, segments).sort((a, b) => a.word.startMs - b.word.startMs)) {
    if (word.endMs > atMs && word.startMs < atMs + pauseMs) atMs = word.endMs;
  }
  return atMs;
}

function wordsNear(edgeMs: number, segments: readonly HeardSegment[]): HeardSegment['words'] {
  const reachMs = widenBeforeMs + widenAfterMs;
  return segments
    .filter((segment) => segment.startMs < edgeMs + reachMs && segment.endMs > edgeMs - reachMs)
    .flatMap((segment) => segment.words);
}
