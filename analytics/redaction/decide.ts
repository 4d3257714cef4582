import type { RedactionKind } from '../types.ts';
import { chainsOf, type Chain, type HeardUntil } from './chains.ts';
import { passagesOf, spanAt, type PassageSpan } from './passage.ts';
import { isDigitCount } from './runs.ts';
import { sensitiveChains, stretchesOf, type Stretch } from './stretches.ts';
import { inTimeOrder, isMonth, type HeardSegment, type HeardWord } from './talk.ts';
import { termsOf, type HeardTerm } from './terms.ts';
import type { SilenceRange } from './types.ts';

/** What the talk heard so far says about every word of it. Pure; made anew whenever something is heard. */
export interface Decision {
  readonly masks: readonly { readonly word: HeardWord; readonly kind: RedactionKind; readonly reason: string }[];
  /** Masked speech as it was said, before any margin. */
  readonly spoken: readonly (SilenceRange & {
    readonly kind: RedactionKind;
    readonly reason: string;
    readonly of: HeardSegment | null;
  })[];
  /** Digit runs that the talk to come may still make a card's. */
  readonly undecided: readonly Chain[];
  readonly stretches: readonly Stretch[];
  readonly spans: readonly PassageSpan[];
}

/** Below this, recognition is as often wrong as right: in a passage such a word may have been a digit. */
const lowConfidence = 0.5;

export function decide(segments: readonly HeardSegment[], until: HeardUntil, holdMs: number): Decision {
  const words = inTimeOrder(segments);
  const terms: HeardTerm[] = segments.flatMap(termsOf).sort((a, b) => a.atMs - b.atMs);
  const chains = chainsOf(segments, words, terms, until);
  const spans = passagesOf(words, terms, chains);
  const sensitive = sensitiveChains(chains, { spans, terms, holdMs });
  const stretches = stretchesOf(sensitive, words, until);

  const masks = new Map<HeardWord, { word: HeardWord; kind: RedactionKind; reason: string }>();
  const mask = (word: HeardWord, kind: RedactionKind, reason: string): void => {
    if (!masks.has(word)) masks.set(word, { word, kind, reason });
  };
  for (const { chain, kind, reason } of sensitive) {
    for (const word of chain.runs.flatMap((run) => withNeighbours(run.words, spans))) mask(word, kind, reason);
  }
  const spoken: Decision['spoken'][number][] = stretches.map((stretch) => ({ ...stretch, of: null }));
  for (const segment of segments) {
    const stretch = stretches.find(({ startMs, endMs }) => startMs < segment.endMs && endMs > segment.startMs);
    const span = spanAt(spans, segment.startMs) ?? spanAt(spans, segment.endMs);
    if (!stretch && !span) continue;
    const kind = stretch?.kind ?? 'digits';
    const strict = stretch !== undefined || span?.state !== 'mentioned';
    if (segment.fragment && strict) {
      const { startMs, endMs } = segment;
      if (segment.words.some((word) => !masks.has(word)) || segment.words.length === 0) {
        spoken.push({
          startMs,
          endMs,
          kind: 'digits',
          reason: segment.words.length > 0 ? 'card-passage' : 'no-text',
          of: segment,
        });
      }
      for (const word of segment.words) mask(word, kind, 'card-passage');
      continue;
    }
    if (segment.words.length === 0 && strict) {
      spoken.push({ startMs: segment.startMs, endMs: segment.endMs, kind: 'digits', reason: 'no-text', of: segment });
    }
    for (const word of segment.words) {
      const inside = stretches.find(({ startMs, endMs }) => startMs < word.word.endMs && endMs > word.word.startMs);
      const here = spanAt(spans, word.word.startMs);
      if (masks.has(word) || !isDoubtful(word, inside !== undefined, here)) continue;
      mask(word, inside?.kind ?? 'digits', 'card-passage');
      if (!inside) spoken.push({ ...word.word, kind: 'digits', reason: 'card-passage', of: segment });
    }
  }
  const masked = new Set(sensitive.map(({ chain }) => chain));
  return {
    masks: [...masks.values()],
    spoken,
    undecided: chains.filter((chain) => !chain.closed && !masked.has(chain)),
    stretches,
    spans,
  };
}

/** Whether a word that belongs to no sensitive run may nevertheless have been a digit. */
function isDoubtful(word: HeardWord, inStretch: boolean, span: PassageSpan | null): boolean {
  if (inStretch) {
    return word.reading.kind !== 'word' || word.word.confidence < lowConfidence || isMonth(word);
  }
  if (span === null || span.state === 'mentioned') return false;
  if (word.reading.kind === 'homophone') return !amongOrdinaryWords(word);
  if (word.reading.kind === 'number') return !isDigitCount(word);
  if (isMonth(word)) return span.kind === 'expiry';
  return word.word.confidence < lowConfidence;
}

/** `pay for it`: between two surely heard words that are nothing like a digit. */
function amongOrdinaryWords(word: HeardWord): boolean {
  const before = word.segment.words[word.index - 1];
  const after = word.segment.words[word.index + 1];
  const ordinary = (other: HeardWord | undefined): boolean =>
    other !== undefined && other.reading.kind === 'word' && other.word.confidence >= lowConfidence;
  return ordinary(before) && ordinary(after) && word.word.confidence >= lowConfidence;
}

/** The run, and in a passage the homophones and months that stand right beside it. */
function withNeighbours(words: readonly HeardWord[], spans: readonly PassageSpan[]): HeardWord[] {
  const first = words[0]!;
  const { segment } = first;
  const suspect = (word: HeardWord | undefined): word is HeardWord =>
    word !== undefined && word.reading.kind !== 'number' && (word.reading.kind === 'homophone' || isMonth(word));
  let from = first.index;
  let to = words.at(-1)!.index;
  if (spanAt(spans, first.word.startMs) !== null) {
    while (suspect(segment.words[from - 1])) from--;
    while (suspect(segment.words[to + 1])) to++;
  }
  return segment.words.slice(from, to + 1);
}
