import type { Chain } from './chains.ts';
import type { Decision } from './decide.ts';
import type { HeardSegment } from './talk.ts';

/** Puts masks on words. A word that has been released only ever gains one. */

/** What is not released yet is masked as the whole talk says now. Those that gained a mask after their release. */
export function applyMasks(segments: readonly HeardSegment[], masks: Decision['masks']): ReadonlySet<HeardSegment> {
  const late = new Set<HeardSegment>();
  for (const { words, released } of segments) {
    for (const word of words) if (!released && word.reason !== 'hold-expired') word.mask = null;
  }
  for (const { word, kind, reason } of masks) {
    if (word.segment.released) {
      // A mere doubt is no reason to rewrite what has been stored.
      if (word.mask !== null || word.reading.kind === 'word') continue;
      late.add(word.segment);
    }
    word.mask = kind;
    word.reason = word.segment.released ? 'late' : reason;
  }
  return late;
}

/** Fail closed: whatever in these could be a digit is masked for good. Those in which something was that was not. */
export function maskUndecided(chains: readonly Chain[], segments: readonly HeardSegment[]): ReadonlySet<HeardSegment> {
  const doubtful = segments.flatMap(({ fragment, words }) =>
    words.filter(({ reading }) => fragment || reading.kind !== 'word'),
  );
  const expired = [...chains.flatMap(({ runs }) => runs.flatMap(({ words }) => words)), ...doubtful];
  const fresh = expired.filter(({ reason }) => reason !== 'hold-expired');
  for (const word of fresh) {
    word.mask = 'digits';
    word.reason = 'hold-expired';
  }
  return new Set(fresh.map(({ segment }) => segment));
}
