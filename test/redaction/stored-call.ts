import type { Word } from '#asr/types.ts';
import type { Redaction, Utterance } from '#analytics/types.ts';
import type { SilenceRange } from '#analytics/redaction/types.ts';
import { talkSides } from '#sip/types.ts';
import type { Remains } from './clean.ts';

/** A call as a whole server kept it, fetched through its API. */
export interface StoredCall {
  readonly callId: string;
  readonly utterances: readonly Utterance[];
  readonly redactions: readonly Redaction[];
  /** The recording's channels, 8 kHz. */
  readonly left: Int16Array;
  readonly right: Int16Array;
  /** Every word ever shown live. */
  readonly shown: readonly Word[];
}

/** For `leaks`: what is in the tables and in the sound. */
export function remainsOf(call: StoredCall): Remains {
  return {
    segments: call.utterances
      .map(({ utteranceId, side, ...rest }) => ({
        ...rest,
        written: [],
        segmentId: utteranceId,
        side: talkSides.find((each) => each === side) ?? 'caller',
      }))
      .toSorted((a, b) => a.startMs - b.startMs),
    shown: call.shown,
    rows: call.redactions,
    silence: zeroRanges(call.left, call.right),
    lateSegments: 0,
  };
}

/** Stretches in which every sample of both channels is zero. */
function zeroRanges(left: Int16Array, right: Int16Array): readonly SilenceRange[] {
  const ranges: SilenceRange[] = [];
  let start: number | undefined;
  for (let sample = 0; sample <= left.length; sample++) {
    const silent = sample < left.length && left[sample] === 0 && right[sample] === 0;
    if (silent) {
      start ??= sample;
    } else if (start !== undefined) {
      ranges.push({ startMs: start / 8, endMs: sample / 8 });
      start = undefined;
    }
  }
  return ranges;
}
