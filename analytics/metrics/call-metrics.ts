import type { SpeakerTurn } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { summariseSentiment } from '../sentiment/by-side.ts';
import { speakersIn } from '../speakers/turns.ts';
import type { BySide, CallMetrics, SpeakerMetrics } from '../types.ts';
import { complement, intersection, totalMs, union, type Interval } from './intervals.ts';

/** One stretch of a side's speech with its text counted, ms on the call's timeline. */
export interface Speech extends Interval {
  readonly side: ChannelSide;
  readonly words: number;
  readonly sentiment: number;
  /** Of the side's speakers, where they are told apart. */
  readonly label?: string | null;
}

export interface MetricsInput {
  readonly callId: string;
  /** The channels that the call ever had. */
  readonly sides: readonly ChannelSide[];
  /** From answer to end: design.md section 5. */
  readonly window: Interval;
  readonly speech: readonly Speech[];
  /** Of the sides whose speakers are told apart: who speaks when. */
  readonly turns?: ReadonlyMap<ChannelSide, readonly SpeakerTurn[]>;
  readonly holds: readonly Interval[];
  /** Stretches that nobody was to hear: neither talk nor non-talk. */
  readonly pauses: readonly Interval[];
  readonly interruptionThresholdMs: number;
}

/** Silence of all sides up to this long is a pause in the talk, not non-talk. */
const nonTalkThresholdMs = 3000;

/**
 * The figures of design.md section 5 for one call. Interruptions and overtalk are of sides that have a stream each, and of
 * the speakers of a stream that several share where voices tell them apart (speaker-metrics.ts).
 */
export function computeCallMetrics(input: MetricsInput): CallMetrics {
  const { window, interruptionThresholdMs } = input;
  const inWindow = input.speech
    .map((speech) => ({ ...speech, ...clip(speech, window) }))
    .filter(({ startMs, endMs }) => endMs > startMs);
  const sides = statedSides(input.sides).map((side) => {
    const speech = inWindow.filter((each) => each.side === side);
    return { side, speech, talk: union(speech) };
  });
  const apart = sides.filter(({ side }) => side !== 'mixed');
  const holds = union(input.holds.map((hold) => clip(hold, window)));
  const pauses = union(input.pauses.map((pause) => clip(pause, window)));
  const quiet = complement(union([...sides.flatMap(({ talk }) => talk), ...holds, ...pauses]), window).filter(
    ({ startMs, endMs }) => endMs - startMs > nonTalkThresholdMs,
  );
  const speakers = speakersOf({ ...input, speech: inWindow, away: union([...holds, ...pauses]) });
  const talkers = [...apart.filter(({ side }) => speakers.every((speaker) => speaker.side !== side)), ...speakers];
  const bySide = <Value>(figure: (side: (typeof sides)[number]) => Value): BySide<Value> =>
    Object.fromEntries(sides.map((of) => [of.side, figure(of)]));
  return {
    callId: input.callId,
    durationMs: window.endMs - window.startMs,
    talkMs: bySide(({ talk }) => totalMs(talk)),
    talkSpeedWpm: bySide(({ speech, talk }) => wordsPerMinute(speech, totalMs(talk))),
    overtalkMs: totalMs(atOnce(talkers.map(({ talk }) => talk))),
    nonTalkMs: totalMs(quiet) + totalMs(holds) - totalMs(intersection(holds, pauses)),
    holdMs: totalMs(holds),
    interruptions: bySide((of) => {
      const others = of.side === 'mixed' ? [] : apart.filter((other) => other !== of).map(({ talk }) => talk);
      return countInterruptions(of.speech, others, interruptionThresholdMs);
    }),
    interruptionThresholdMs,
    sentiment: bySide(({ speech }) => summariseSentiment(speech)),
    ...(speakers.length === 0 ? {} : { speakers: speakers.map((speaker) => figuresOf(speaker, talkers)) }),
  };

  function figuresOf(speaker: TalkOfSpeaker, all: readonly { readonly talk: readonly Interval[] }[]): SpeakerMetrics {
    const { side, label, talk, speech } = speaker;
    const others = all.filter((other) => other !== speaker).map((other) => other.talk);
    return {
      side,
      label,
      talkMs: totalMs(talk),
      talkSpeedWpm: wordsPerMinute(speech, totalMs(talk)),
      interruptions: countInterruptions(talk, others, interruptionThresholdMs),
      sentiment: summariseSentiment(speech),
    };
  }
}

interface TalkOfSpeaker {
  readonly side: ChannelSide;
  readonly label: string;
  readonly talk: readonly Interval[];
  readonly speech: readonly Speech[];
}

/** Their talk is that of their turns, what was on hold or paused left out. */
function speakersOf(input: MetricsInput & { readonly away: readonly Interval[] }): readonly TalkOfSpeaker[] {
  return [...(input.turns ?? [])].flatMap(([side, turns]) =>
    speakersIn(turns).map((label): TalkOfSpeaker => {
      const own = turns.filter(({ speaker }) => speaker === label).map((turn) => clip(turn, input.window));
      const talk = union(own).flatMap((turn) => complement(input.away, turn));
      return { side, label, talk, speech: input.speech.filter((each) => each.side === side && each.label === label) };
    }),
  );
}

/** Caller and callee always, but in a call of one mixed stream; others where they had a channel. */
function statedSides(sides: readonly ChannelSide[]): readonly ChannelSide[] {
  const isMixed = sides.length > 0 && sides.every((side) => side === 'mixed');
  return isMixed ? ['mixed'] : [...new Set<ChannelSide>(['caller', 'callee', ...sides])];
}

function wordsPerMinute(speech: readonly Speech[], talkMs: number): number | null {
  const words = speech.reduce((sum, each) => sum + each.words, 0);
  return talkMs === 0 ? null : Math.round((words * 60_000) / talkMs);
}

/** Where any two of these have something in common. */
function atOnce(talks: readonly (readonly Interval[])[]): readonly Interval[] {
  return union(talks.flatMap((talk, index) => talks.slice(index + 1).flatMap((other) => intersection(talk, other))));
}

/** A side interrupts when it begins inside another's speech and overlaps that for at least the threshold. */
function countInterruptions(
  own: readonly Interval[],
  others: readonly (readonly Interval[])[],
  thresholdMs: number,
): number {
  const interrupts = ({ startMs, endMs }: Interval): boolean =>
    others.some((talk) =>
      talk.some(
        (other) =>
          startMs > other.startMs && startMs < other.endMs && Math.min(endMs, other.endMs) - startMs >= thresholdMs,
      ),
    );
  return own.filter(interrupts).length;
}

function clip(interval: Interval, window: Interval): Interval {
  return { startMs: Math.max(interval.startMs, window.startMs), endMs: Math.min(interval.endMs, window.endMs) };
}
