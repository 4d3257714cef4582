import { setImmediate } from 'node:timers/promises';
import type { AsrEvent, Word, WrittenSpan } from '#asr/types.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { heardSegment, type HeardSegment, type TalkEvent } from '../redaction/talk.ts';
import type { ReleasedSegment, RedactorOutput } from '../redaction/types.ts';
import { maskIn } from '../redaction/mask-names.ts';
import type { Utterance } from '../types.ts';

/** As much of an utterance as redaction reads. */
export type Told = Pick<
  Utterance,
  'callId' | 'utteranceId' | 'side' | 'startMs' | 'endMs' | 'words' | 'confidence' | 'language'
>;

/** A stretch that redaction would mask, as one word. */
export type Mask = Pick<Word, 'text' | 'startMs' | 'endMs'>;

/**
 * What redaction would mask in these utterances if they were said now, by utterance: the talk is put through a redactor
 * of its own, in the order of time, as it was while the call ran. Masks that stand in it already are told again.
 * A long call takes seconds, an utterance some ms: others have their turn in between.
 */
export async function judgeAgain(told: readonly Told[], holdMs: number): Promise<ReadonlyMap<string, readonly Mask[]>> {
  const sides = [...new Set(told.map(({ side }) => side))];
  const redactor = createRedactor({ sides, holdMs });
  const given = new Map<string, ReleasedSegment>();
  const take = ({ released, late }: RedactorOutput): void => {
    for (const segment of [...released, ...late]) given.set(segment.segmentId, segment);
  };
  for (const each of told.toSorted((a, b) => a.startMs - b.startMs)) {
    const { callId, startMs } = each;
    await setImmediate();
    for (const side of sides) {
      take(redactor.heard({ type: 'progress', callId, side, decidedMs: startMs, heardMs: startMs }));
    }
    take(redactor.heard(finalOf(each)));
  }
  const endMs = Math.max(0, ...told.map((each) => each.endMs));
  for (const side of sides) take(redactor.heard({ type: 'finished', callId: told[0]?.callId ?? '', side, endMs }));
  take(redactor.finish());
  return new Map(
    [...given].map(([utteranceId, { words }]) => [utteranceId, words.filter(({ text }) => maskIn(text) !== undefined)]),
  );
}

/** As redaction measures margins around what it masks. */
export function segmentsOf(told: readonly Told[]): readonly HeardSegment[] {
  return told.map((each) => heardSegment(finalOf(each)));
}

/** What may have been said where a mask stands: the talk around it reads as it did, with a number where one was due. */
const standIns = {
  '[CARD]': '4111111111111111',
  '[CVV]': '123',
  '[PIN]': '1234',
  '[EXPIRY]': '01/30',
  '[DIGITS]': '123456789',
} as const;

/** As the recogniser would tell of it: as spoken, with spans for what is written otherwise. */
function finalOf({ callId, utteranceId, side, startMs, endMs, words, confidence, language }: Told): TalkEvent {
  const said: Word[] = [];
  const written: WrittenSpan[] = [];
  for (const word of words) {
    const { text, spoken, ...rest } = word;
    const from = said.length;
    const mask = maskIn(text);
    if (mask !== undefined) said.push({ ...rest, text: text.replace(mask, standIns[mask]) });
    else if (spoken === undefined) said.push({ ...rest, text });
    else {
      said.push(...spoken.split(' ').map((part) => ({ ...rest, text: part })));
      written.push({ from, to: said.length, text, kind: 'number' });
    }
  }
  const text = said.map((word) => word.text).join(' ');
  return {
    type: 'final',
    callId,
    side,
    segmentId: utteranceId,
    startMs,
    endMs,
    text,
    words: said,
    confidence,
    language,
    written,
  } satisfies AsrEvent;
}
