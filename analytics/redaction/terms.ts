import type { TalkSide } from '#sip/types.ts';
import type { RedactionKind } from '../types.ts';
import { matchTerms } from './card-terms.ts';
import type { HeardSegment, HeardWord } from './talk.ts';

/** A word or phrase of cards, as said at one moment. */
export interface HeardTerm {
  readonly side: TalkSide;
  readonly atMs: number;
  readonly endMs: number;
  readonly kind: RedactionKind;
  readonly asks: boolean;
}

export function termsOf(segment: HeardSegment): HeardTerm[] {
  if (segment.words.length === 0) return [];
  const starts: number[] = [];
  let text = '';
  for (const word of segment.words) {
    starts.push(text.length);
    text += `${word.reading.norm} `;
  }
  const wordAt = (offset: number): HeardWord => segment.words[starts.findLastIndex((start) => start <= offset)]!;
  return matchTerms(text)
    .map(({ term: { kind, asks }, from, to }) => {
      const atMs = wordAt(from).word.startMs;
      return { side: segment.side, atMs, endMs: wordAt(to - 1).word.endMs, kind, asks };
    })
    .sort((a, b) => a.atMs - b.atMs);
}
