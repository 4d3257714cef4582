import type { AsrEvent, Word, WrittenSpan } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { RedactionKind } from '../types.ts';
import { readToken, type TokenReading } from './digit-words.ts';
import { isPlain, isSurelyOrdinary } from './plain-talk.ts';
import { fillers, months } from './vocabulary.ts';

/** Final talk of a call as redaction reads it. Only `mask`, `reason` and `released` change, and only one way. */

export interface HeardWord {
  readonly word: Word;
  readonly side: ChannelSide;
  readonly segment: HeardSegment;
  /** Position within its segment. */
  readonly index: number;
  readonly reading: TokenReading;
  /** Ordinary talk: neither filler nor anything like a digit. */
  readonly content: boolean;
  mask: RedactionKind | null;
  reason: string;
}

export interface HeardSegment {
  readonly segmentId: string;
  readonly side: ChannelSide;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence: number;
  readonly language: string;
  readonly words: HeardWord[];
  /** Over `words`. Nothing here reads them: what is masked is decided by what was said. */
  readonly written: readonly WrittenSpan[];
  /** Too short for its text to be trusted where digits are expected; without words: speech that gave no text. */
  readonly fragment: boolean;
  /** plain-talk.ts */
  readonly plain: boolean;
  readonly surelyOrdinary: boolean;
  /** Not speech without text but sound that nobody ever heard: there may have been words, digits, a question in it. */
  readonly lost: boolean;
  released: boolean;
}

const fragmentMs = 1200;

export type TalkEvent = Extract<AsrEvent, { type: 'final' | 'no-words' }>;

export function heardSegment(event: TalkEvent): HeardSegment {
  const { segmentId, side, startMs, endMs } = event;
  const spoken = event.type === 'final' ? wordsOf(event) : [];
  const segment = {
    segmentId,
    side,
    startMs,
    endMs,
    confidence: event.type === 'final' ? event.confidence : 0,
    language: event.type === 'final' ? event.language : '',
    words: [] as HeardWord[],
    written: event.type === 'final' ? spansOf(event, spoken) : [],
    plain: false,
    surelyOrdinary: false,
    fragment: endMs - startMs < fragmentMs,
    lost: false,
    released: false,
  };
  for (const word of spoken) {
    const reading = readToken(word.text);
    const content = reading.kind === 'word' && !fillers.has(reading.norm) && reading.norm !== '';
    const index = segment.words.length;
    segment.words.push({ word, side, segment, index, reading, content, mask: null, reason: '' });
  }
  segment.plain = isPlain(segment);
  segment.surelyOrdinary = isSurelyOrdinary(segment);
  return segment;
}

/** Sound of one side that was dropped or never recognised. It has nothing to release. */
export function lostSegment({ side, startMs, endMs }: Pick<HeardSegment, 'side' | 'startMs' | 'endMs'>): HeardSegment {
  const segment = { side, startMs, endMs, segmentId: '', confidence: 0, language: '', words: [], written: [] };
  return { ...segment, plain: false, surelyOrdinary: false, fragment: false, lost: true, released: true };
}

/** Words without times (an engine that has none, or a text that its words do not cover) are spread over the segment. */
function wordsOf(event: Extract<AsrEvent, { type: 'final' }>): readonly Word[] {
  const squeeze = (text: string): string => text.replace(/\s+/g, '');
  if (squeeze(event.words.map((word) => word.text).join('')) === squeeze(event.text)) {
    return event.words.flatMap(splitWord);
  }
  const whole: Word = { ...event, text: event.text };
  return splitWord(whole);
}

/** None where the words are not those that the spans were made over. */
function spansOf(event: Extract<AsrEvent, { type: 'final' }>, words: readonly Word[]): readonly WrittenSpan[] {
  const same =
    words.length === event.words.length && words.every(({ text }, index) => text === event.words[index]?.text);
  return same ? (event.written ?? []) : [];
}

function splitWord(word: Word): Word[] {
  const parts = word.text.split(/\s+/).filter((part) => part !== '');
  const eachMs = (word.endMs - word.startMs) / Math.max(1, parts.length);
  return parts.map((text, index) => ({
    text,
    startMs: Math.round(word.startMs + eachMs * index),
    endMs: Math.round(word.startMs + eachMs * (index + 1)),
    confidence: word.confidence,
    ...(word.speaker === undefined ? {} : { speaker: word.speaker }),
  }));
}

/** A word of ordinary talk, as far as one can trust it: in a garbled turn it may have been a digit. */
export function isTalk({ content, segment }: HeardWord): boolean {
  return content && (segment.plain || segment.surelyOrdinary);
}

export function isMonth(word: HeardWord): boolean {
  return months.has(word.reading.norm);
}

/** Every word of all sides in the order of time. */
export function inTimeOrder(segments: readonly HeardSegment[]): HeardWord[] {
  return segments.flatMap((segment) => segment.words).sort((a, b) => a.word.startMs - b.word.startMs);
}
