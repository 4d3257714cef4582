import type { RedactionKind } from '../types.ts';
import { chainsOf, type Chain, type HeardUntil } from './chains.ts';
import { dictationsOf, type Dictation } from './dictation.ts';
import { isDigitByEar, isDoubtful, isMaskedWhole, isUnread, withNeighbours } from './doubt.ts';
import { passagesOf, spanAt, type PassageSpan } from './passage.ts';
import { shadowsOf } from './shadows.ts';
import { mayBecomeCode, sensitiveChains, stretchesOf, type Stretch, type StretchPiece } from './stretches.ts';
import { inTimeOrder, type HeardSegment, type HeardWord } from './talk.ts';
import { termsOf } from './terms.ts';
import type { SilenceRange } from './types.ts';

interface MaskedWord {
  readonly word: HeardWord;
  readonly kind: RedactionKind;
  readonly reason: string;
}

/** What the talk heard so far says about every word of it. Pure; made anew whenever something is heard. */
export interface Decision {
  readonly masks: readonly MaskedWord[];
  /** Speech in a passage of which nothing can be trusted. */
  readonly unread: readonly HeardSegment[];
  /** What is to be silent, as it was said, before any margin. */
  readonly spoken: readonly SilenceRange[];
  /** Digit runs that the talk to come may still make a card's. */
  readonly undecided: readonly Chain[];
  /** Numbers of a code's length that nothing names yet: their name may still come. */
  readonly codes: readonly Chain[];
  /** Silent as they are: nobody said anything in them, as far as anybody heard. */
  readonly pauses: readonly SilenceRange[];
  readonly dictations: readonly Dictation[];
  readonly stretches: readonly Stretch[];
  readonly spans: readonly PassageSpan[];
}

export const undecidedYet: Decision = {
  masks: [],
  unread: [],
  spoken: [],
  pauses: [],
  undecided: [],
  codes: [],
  dictations: [],
  stretches: [],
  spans: [],
};

export function decide(segments: readonly HeardSegment[], until: HeardUntil, holdMs: number): Decision {
  const words = inTimeOrder(segments);
  const terms = segments.flatMap(termsOf).sort((a, b) => a.atMs - b.atMs);
  const chains = chainsOf(segments, words, terms, until);
  const dictations = dictationsOf(segments, chains, until);
  const spans = passagesOf({ sides: until.sides, segments, words, terms, chains, dictations });
  const sensitive = sensitiveChains(chains, { spans, terms, holdMs });
  const unread = segments.filter((segment) => isUnread(segment, spans, terms));
  const pieces: StretchPiece[] = [
    ...sensitive.map(({ chain, kind, reason }) => piece(chain, kind, reason)),
    ...unread.map((segment) => piece(segment, 'digits', 'no-text')),
    ...words
      .filter((word) => isDigitByEar(word, spans))
      .map(({ word, side }) => piece({ ...word, side }, 'digits', 'card-passage')),
  ];
  const stretches = stretchesOf(pieces, words, terms, until);

  const masks = new Map<HeardWord, MaskedWord>();
  const shadows = shadowsOf(spans, segments, terms, until);
  const spoken: SilenceRange[] = [...stretches, ...shadows.turns];
  for (const { chain, kind, reason } of sensitive) {
    for (const word of chain.runs.flatMap((run) => withNeighbours(run.words, spans))) {
      if (!masks.has(word)) masks.set(word, { word, kind, reason });
    }
  }
  for (const segment of segments) {
    const stretch = overlapping(stretches, segment);
    const whole = isMaskedWhole(segment, spans, terms, stretch !== undefined);
    if (whole) spoken.push(segment);
    for (const word of segment.words) {
      if (masks.has(word)) continue;
      const inside = overlapping(stretches, word.word);
      if (!whole && !isDoubtful(word, inside !== undefined, spanAt(spans, word.word.startMs))) continue;
      masks.set(word, { word, kind: (inside ?? stretch)?.kind ?? 'digits', reason: 'card-passage' });
      if (!inside) spoken.push(word.word);
    }
  }
  const masked = new Set(sensitive.map(({ chain }) => chain));
  return {
    masks: [...masks.values()],
    unread,
    spoken,
    pauses: shadows.pauses,
    dictations,
    undecided: chains.filter((chain) => !chain.closed && !masked.has(chain)),
    codes: chains.filter((chain) => !masked.has(chain) && mayBecomeCode(chain, until, holdMs)),
    stretches,
    spans,
  };
}

function piece(
  { side, startMs, endMs }: Omit<StretchPiece, 'kind' | 'reason'>,
  kind: RedactionKind,
  reason: string,
): StretchPiece {
  return { side, startMs, endMs, kind, reason };
}

function overlapping(stretches: readonly Stretch[], range: SilenceRange): Stretch | undefined {
  return stretches.find(({ startMs, endMs }) => startMs < range.endMs && endMs > range.startMs);
}
