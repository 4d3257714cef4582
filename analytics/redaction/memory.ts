import type { PassageSpan } from './passage.ts';
import type { HeardSegment } from './talk.ts';

/** Released talk is remembered this long, so that a card named late is still found. */
export const rememberMs = 120_000;
/** The bound on memory: of a call no more words than this are kept; the oldest go first, decided by what is known. */
const maxWords = 4000;

export interface Remembered {
  readonly kept: HeardSegment[];
  /** Dropped for the bound before they were decided. */
  readonly undecided: readonly HeardSegment[];
}

/** What of the talk of a call, by start, is still to be remembered: all that is not decided, and what is recent. */
export function remembered(
  segments: readonly HeardSegment[],
  spans: readonly PassageSpan[],
  heardMs: number,
): Remembered {
  let cutMs = heardMs - rememberMs;
  // A passage is remembered as a whole.
  for (const { startMs, endMs } of spans.toReversed()) {
    if (endMs >= cutMs) cutMs = Math.min(cutMs, startMs);
  }
  const kept: HeardSegment[] = [];
  const undecided: HeardSegment[] = [];
  let words = segments.reduce((sum, segment) => sum + segment.words.length, 0);
  for (const segment of segments) {
    const keeps = words <= maxWords && (!segment.released || segment.endMs >= cutMs);
    if (keeps) {
      kept.push(segment);
      continue;
    }
    words -= segment.words.length;
    if (!segment.released) undecided.push(segment);
  }
  return { kept, undecided };
}
