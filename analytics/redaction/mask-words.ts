import type { Word, WrittenSpan } from '#asr/types.ts';
import type { RedactionKind } from '../types.ts';
import { maskTexts } from './mask-names.ts';
import type { HeardSegment, HeardWord } from './talk.ts';
import type { ReleasedSegment } from './types.ts';

/** Words of no meaning of their own between two masked words vanish with them, so that groups cannot be counted. */
const swallowed = 3;

/** The segment as it may be kept: each masked stretch is one word, its confidence the mean of what it hides. */
export function redactedSegment(segment: HeardSegment): ReleasedSegment {
  const { words, places } = collapse(segment.words);
  return {
    segmentId: segment.segmentId,
    side: segment.side,
    startMs: segment.startMs,
    endMs: segment.endMs,
    text: words.map((word) => word.text).join(' '),
    words,
    written: segment.written.flatMap((span) => movedSpan(span, places)),
    confidence: segment.confidence,
    language: segment.language,
  };
}

/** `places`: where each word that is shown in clear has gone. */
interface Collapsed {
  readonly words: readonly Word[];
  readonly places: ReadonlyMap<number, number>;
}

function collapse(heard: readonly HeardWord[]): Collapsed {
  const shown: Word[] = [];
  const places = new Map<number, number>();
  for (let index = 0; index < heard.length; index++) {
    const first = heard[index]!;
    if (first.mask === null) {
      places.set(index, shown.length);
      shown.push(first.word);
      continue;
    }
    const end = maskedUntil(heard, index, first.mask);
    shown.push(maskWord(heard.slice(index, end), first.mask));
    index = end - 1;
  }
  return { words: shown, places };
}

/** A span of which one word is masked is gone altogether: its text holds what that word said. */
function movedSpan(span: WrittenSpan, places: ReadonlyMap<number, number>): WrittenSpan[] {
  const from = places.get(span.from);
  if (from === undefined) return [];
  for (let index = span.from; index < span.to; index++) {
    if (places.get(index) !== from + index - span.from) return [];
  }
  return [{ ...span, from, to: from + span.to - span.from }];
}

export interface MaskedPiece {
  readonly kind: RedactionKind;
  readonly reason: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The masked stretches of a segment, as its words show them. */
export function maskedPieces({ words }: HeardSegment): MaskedPiece[] {
  const pieces: MaskedPiece[] = [];
  for (let index = 0; index < words.length; index++) {
    const { mask, reason, word } = words[index]!;
    if (mask === null) continue;
    const end = maskedUntil(words, index, mask);
    pieces.push({ kind: mask, reason, startMs: word.startMs, endMs: words[end - 1]!.word.endMs });
    index = end - 1;
  }
  return pieces;
}

/** The end (exclusive) of the masked stretch that begins at `from`. */
function maskedUntil(heard: readonly HeardWord[], from: number, kind: RedactionKind): number {
  let end = from + 1;
  for (let index = end; index < heard.length && index - end <= swallowed; index++) {
    const word = heard[index]!;
    if (word.mask === kind) end = index + 1;
    else if (word.mask !== null || word.content) break;
  }
  return end;
}

function maskWord(hidden: readonly HeardWord[], kind: RedactionKind): Word {
  const first = hidden[0]!.word;
  const last = hidden.at(-1)!.word;
  const opening = /^["'“(]/u.exec(first.text)?.[0] ?? '';
  const closing = /[.,?!:;"'”)]+$/u.exec(last.text)?.[0] ?? '';
  return {
    text: opening + maskTexts[kind] + closing,
    startMs: first.startMs,
    endMs: last.endMs,
    confidence: hidden.reduce((sum, { word }) => sum + word.confidence, 0) / hidden.length,
    // One mask whoever speaks on: where it was parted, groups of digits could be counted.
    ...(first.speaker === undefined ? {} : { speaker: first.speaker }),
  };
}
