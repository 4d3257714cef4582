import type { TalkSide } from '#sip/types.ts';
import type { RedactionKind } from '../types.ts';
import type { HeardSegment, HeardWord } from './talk.ts';
import { cardTerms } from './vocabulary.ts';

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
  return cardTerms
    .flatMap(({ kind, asks, pattern }) =>
      [...text.matchAll(pattern)].map((match) => {
        const last = wordAt(match.index + match[0].length - 1);
        const atMs = wordAt(match.index).word.startMs;
        return { side: segment.side, atMs, endMs: last.word.endMs, kind, asks };
      }),
    )
    .sort((a, b) => a.atMs - b.atMs);
}
