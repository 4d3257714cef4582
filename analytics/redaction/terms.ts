import type { ChannelSide } from '#sip/types.ts';
import type { RedactionKind } from '../types.ts';
import { matchTerms } from './card-terms.ts';
import { isSure } from './confidence.ts';
import type { HeardSegment } from './talk.ts';

/** A word or phrase of cards, as said at one moment. */
export interface HeardTerm {
  readonly side: ChannelSide;
  readonly atMs: number;
  readonly endMs: number;
  readonly kind: RedactionKind;
  readonly asks: boolean;
}

export function termsOf({ words, side }: HeardSegment): HeardTerm[] {
  return matchTerms(words.map((word) => ({ norm: word.reading.norm, isSure: isSure(word) })))
    .map(({ term: { kind, asks }, first, last }) => {
      return { side, atMs: words[first]!.word.startMs, endMs: words[last]!.word.endMs, kind, asks };
    })
    .sort((a, b) => a.atMs - b.atMs);
}
