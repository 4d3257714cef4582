import type { CallMetrics, SideSentiment, Utterance } from '#analytics/types.ts';
import { otherSide, talkSides, type TalkSide } from '#sip/types.ts';
import type { ConversationCharacteristics } from '../api/schemas/amazon.ts';
import type { WholeCall } from './amazon.ts';
import type { AmazonRole, RolesBySide } from './amazon-roles.ts';

/** Design section 5: silence of both sides up to this long is a pause. */
const nonTalkThresholdMs = 3000;

/**
 * The figures of `/metrics` by role. Totals are those figures; instances are found in the utterances by the same
 * definitions, non-talk ones as stretches in which nobody speaks, holds among them.
 */
export function characteristics(
  { call, metrics, utterances }: WholeCall,
  roles: RolesBySide,
  overall: 'meanOfQuarters' | 'meanOfUtterances',
): ConversationCharacteristics {
  const byRole = <Value>(valueOf: (side: TalkSide) => Value | undefined): Partial<Record<AmazonRole, Value>> =>
    Object.fromEntries(
      talkSides.flatMap((side) => {
        const value = valueOf(side);
        return value === undefined ? [] : [[roles[side], value]];
      }),
    );
  const fromMs = call.answeredMs ?? 0;
  const spoken = utterances.filter(({ endMs }) => endMs > fromMs);
  const interruptions = (side: TalkSide) => interruptionsBy(side, spoken, metrics?.interruptionThresholdMs ?? 500);
  const all = talkSides.flatMap(interruptions);
  return {
    TotalConversationDurationMillis: whole(metrics?.durationMs),
    Sentiment: {
      OverallSentiment: byRole((side) => metrics?.sentiment[side][overall] ?? undefined),
      SentimentByPeriod: {
        QUARTER: byRole((side) => (metrics === null ? undefined : quarters(metrics.sentiment[side], side, spoken))),
      },
    },
    Interruptions: {
      TotalCount: all.length,
      TotalTimeMillis: all.reduce((sum, { DurationMillis }) => sum + DurationMillis, 0),
      InterruptionsByInterrupter: byRole(interruptions),
    },
    NonTalkTime: {
      TotalTimeMillis: whole(metrics?.nonTalkMs),
      Instances: metrics === null ? [] : silences(spoken, fromMs, fromMs + metrics.durationMs),
    },
    TalkSpeed: {
      DetailsByParticipant: byRole((side) => {
        const speed = metrics?.talkSpeedWpm[side] ?? undefined;
        return speed === undefined ? undefined : { AverageWordsPerMinute: Math.round(speed) };
      }),
    },
    TalkTime: {
      TotalTimeMillis: whole(talkMs(metrics, 'caller') + talkMs(metrics, 'callee')),
      DetailsByParticipant: byRole((side) => ({ TotalTimeMillis: whole(talkMs(metrics, side)) })),
    },
  };
}

function talkMs(metrics: CallMetrics | null, side: TalkSide): number {
  return metrics?.talkMs[side] ?? 0;
}

function whole(ms: number | undefined): number {
  return Math.round(ms ?? 0);
}

function instance(startMs: number, endMs: number) {
  const [BeginOffsetMillis, EndOffsetMillis] = [Math.round(startMs), Math.round(endMs)];
  return { BeginOffsetMillis, EndOffsetMillis, DurationMillis: EndOffsetMillis - BeginOffsetMillis };
}

/** Edges as the scores have them: floor(k * end / 4), end being the side's last word. A quarter of silence scores 0. */
function quarters({ quarters: scores }: SideSentiment, side: TalkSide, spoken: readonly Utterance[]) {
  const endMs = Math.max(0, ...spoken.filter((each) => each.side === side).map((each) => each.endMs));
  if (endMs === 0) return undefined;
  return scores.map((score, quarter) => ({
    BeginOffsetMillis: Math.floor((quarter * endMs) / scores.length),
    EndOffsetMillis: Math.floor(((quarter + 1) * endMs) / scores.length),
    Score: score ?? 0,
  }));
}

/** A side begins inside the other's speech and overlaps it for at least the threshold. */
function interruptionsBy(side: TalkSide, spoken: readonly Utterance[], thresholdMs: number) {
  const others = spoken.filter((each) => each.side === otherSide(side));
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
