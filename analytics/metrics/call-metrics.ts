import { otherSide, type TalkSide } from '#sip/types.ts';
import { summariseSentiment } from '../sentiment/by-side.ts';
import type { CallMetrics } from '../types.ts';
import { complement, intersection, totalMs, union, type Interval } from './intervals.ts';

/** One stretch of a side's speech with its text counted, ms on the call's timeline. */
export interface Speech extends Interval {
  readonly side: TalkSide;
  readonly words: number;
  readonly sentiment: number;
}

export interface MetricsInput {
  readonly callId: string;
  /** From answer to end: design.md section 5. */
  readonly window: Interval;
  readonly speech: readonly Speech[];
  readonly holds: readonly Interval[];
  readonly interruptionThresholdMs: number;
}

/** Silence of both sides up to this long is a pause, not non-talk. */
const nonTalkThresholdMs = 3000;

/** The figures of design.md section 5 for one call. */
export function computeCallMetrics(input: MetricsInput): CallMetrics {
  const { window } = input;
  const inWindow = input.speech
    .map((speech) => ({ ...speech, ...clip(speech, window) }))
    .filter(({ startMs, endMs }) => endMs > startMs);
  const of = (side: TalkSide): readonly (typeof inWindow)[number][] =>
    inWindow.filter((speech) => speech.side === side);
  const talk = { caller: union(of('caller')), callee: union(of('callee')) };
  const holds = union(input.holds.map((hold) => clip(hold, window)));
  const quiet = complement(union([...talk.caller, ...talk.callee, ...holds]), window).filter(
    ({ startMs, endMs }) => endMs - startMs > nonTalkThresholdMs,
  );
  const talkMs = { caller: totalMs(talk.caller), callee: totalMs(talk.callee) };
  const speed = (side: TalkSide): number | null => {
    const words = of(side).reduce((sum, speech) => sum + speech.words, 0);
    return talkMs[side] === 0 ? null : Math.round((words * 60_000) / talkMs[side]);
  };
  const interruptions = (side: TalkSide): number =>
    countInterruptions(of(side), talk[otherSide(side)], input.interruptionThresholdMs);
  return {
    callId: input.callId,
    durationMs: window.endMs - window.startMs,
    talkMs,
    talkSpeedWpm: { caller: speed('caller'), callee: speed('callee') },
    overtalkMs: totalMs(intersection(talk.caller, talk.callee)),
    nonTalkMs: totalMs(quiet) + totalMs(holds),
    holdMs: totalMs(holds),
    interruptions: { caller: interruptions('caller'), callee: interruptions('callee') },
    interruptionThresholdMs: input.interruptionThresholdMs,
    sentiment: { caller: summariseSentiment(of('caller')), callee: summariseSentiment(of('callee')) },
  };
}

/** A side interrupts when it begins inside the other's speech and overlaps that for at least the threshold. */
function countInterruptions(own: readonly Interval[], others: readonly Interval[], thresholdMs: number): number {
  return own.filter(({ startMs, endMs }) =>
    others.some(
      (other) =>
        startMs > other.startMs && startMs < other.endMs && Math.min(endMs, other.endMs) - startMs >= thresholdMs,
    ),
  ).length;
}

function clip(interval: Interval, window: Interval): Interval {
  return { startMs: Math.max(interval.startMs, window.startMs), endMs: Math.min(interval.endMs, window.endMs) };
}
