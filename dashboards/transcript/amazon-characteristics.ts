import type { SideSentiment, Utterance } from '#analytics/types.ts';
import type { PartySide } from '#sip/types.ts';
import type { ConversationCharacteristics } from '../api/schemas/amazon.ts';
import type { WholeCall } from './amazon.ts';
import type { ParticipantId } from './amazon-participants.ts';

/** Design section 5: silence of both sides up to this long is a pause. */
const nonTalkThresholdMs = 3000;

/**
 * The figures of `/metrics` by participant, each under its key. Totals are those figures; instances are found in the
 * utterances by the same definitions, non-talk ones as stretches in which nobody speaks, holds among them.
 */
export function characteristics(
  { call, metrics, utterances }: WholeCall,
  keys: ReadonlyMap<PartySide, ParticipantId>,
  overall: 'meanOfQuarters' | 'meanOfUtterances',
): ConversationCharacteristics {
  const byKey = <Value>(valueOf: (side: PartySide) => Value | undefined): Partial<Record<ParticipantId, Value>> =>
    Object.fromEntries(
      [...keys].flatMap(([side, key]) => {
        const value = valueOf(side);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  const fromMs = call.answeredMs ?? 0;
  const spoken = utterances.filter(({ endMs }) => endMs > fromMs);
  const interruptions = (side: PartySide) => interruptionsBy(side, spoken, metrics?.interruptionThresholdMs ?? 500);
  const all = [...new Set(spoken.map(({ side }) => side))].flatMap(interruptions);
  return {
    TotalConversationDurationMillis: whole(metrics?.durationMs),
    Sentiment: {
      OverallSentiment: byKey((side) => metrics?.sentiment[side]?.[overall] ?? undefined),
      SentimentByPeriod: {
        QUARTER: byKey((side) => quarters(metrics?.sentiment[side], side, spoken)),
      },
    },
    Interruptions: {
      TotalCount: all.length,
      TotalTimeMillis: all.reduce((sum, { DurationMillis }) => sum + DurationMillis, 0),
      InterruptionsByInterrupter: byKey(interruptions),
    },
    NonTalkTime: {
      TotalTimeMillis: whole(metrics?.nonTalkMs),
      Instances: metrics === null ? [] : silences(spoken, fromMs, fromMs + metrics.durationMs),
    },
    TalkSpeed: {
      DetailsByParticipant: byKey((side) => {
        const speed = metrics?.talkSpeedWpm[side] ?? undefined;
        return speed === undefined ? undefined : { AverageWordsPerMinute: Math.round(speed) };
      }),
    },
    TalkTime: {
      TotalTimeMillis: whole(Object.values(metrics?.talkMs ?? {}).reduce((sum, ms) => sum + ms, 0)),
      DetailsByParticipant: byKey((side) => ({ TotalTimeMillis: whole(metrics?.talkMs[side]) })),
    },
  };
}

function whole(ms: number | undefined): number {
  return Math.round(ms ?? 0);
}

function instance(startMs: number, endMs: number) {
  const [BeginOffsetMillis, EndOffsetMillis] = [Math.round(startMs), Math.round(endMs)];
  return { BeginOffsetMillis, EndOffsetMillis, DurationMillis: EndOffsetMillis - BeginOffsetMillis };
}

/** Edges as the scores have them: floor(k * end / 4), end being the side's last word. A quarter of silence scores 0. */
function quarters(sentiment: SideSentiment | undefined, side: PartySide, spoken: readonly Utterance[]) {
  const endMs = Math.max(0, ...spoken.filter((each) => each.side === side).map((each) => each.endMs));
  if (endMs === 0 || sentiment === undefined) return undefined;
  const scores = sentiment.quarters;
  return scores.map((score, quarter) => ({
    BeginOffsetMillis: Math.floor((quarter * endMs) / scores.length),
    EndOffsetMillis: Math.floor(((quarter + 1) * endMs) / scores.length),
    Score: score ?? 0,
  }));
}

/** A side begins inside another's speech and overlaps it for at least the threshold. */
function interruptionsBy(side: PartySide, spoken: readonly Utterance[], thresholdMs: number) {
  const others = spoken.filter((each) => each.side !== side);
  return spoken
    .filter((each) => each.side === side)
    .flatMap(({ startMs, endMs }) => {
      const cutOff = others.find(
        (other) =>
          startMs > other.startMs && startMs < other.endMs && Math.min(endMs, other.endMs) - startMs >= thresholdMs,
      );
      return cutOff === undefined ? [] : [instance(startMs, Math.min(endMs, cutOff.endMs))];
    });
}

function silences(spoken: readonly Utterance[], fromMs: number, toMs: number) {
  const found: ReturnType<typeof instance>[] = [];
  let quietFromMs = fromMs;
  const note = (untilMs: number): void => {
    if (untilMs - quietFromMs > nonTalkThresholdMs) found.push(instance(quietFromMs, untilMs));
  };
  for (const { startMs, endMs } of spoken.toSorted((a, b) => a.startMs - b.startMs)) {
    note(startMs);
    quietFromMs = Math.max(quietFromMs, endMs);
  }
  note(toMs);
  return found;
}
