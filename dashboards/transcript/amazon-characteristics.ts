import type { SideSentiment, SpeakerMetrics, Utterance } from '#analytics/types.ts';
import type { ConversationCharacteristics } from '../api/schemas/amazon.ts';
import type { WholeCall } from './amazon.ts';
import type { Participant, ParticipantId } from './amazon-participants.ts';

/** A side, or one of those who share it. */
type Talker = Pick<Participant, 'side' | 'label'>;
export type Keyed = Talker & { readonly key: ParticipantId };

/** Design section 5: silence of both sides up to this long is a pause. */
const nonTalkThresholdMs = 3000;

/**
 * The figures of `/metrics` by participant, each under its key. Totals are those figures; instances are found in the
 * utterances by the same definitions, non-talk ones as stretches in which nobody speaks, holds among them.
 */
export function characteristics(
  { call, metrics, utterances }: WholeCall,
  participants: readonly Keyed[],
  overall: 'meanOfQuarters' | 'meanOfUtterances',
): ConversationCharacteristics {
  const byKey = <Value>(valueOf: (participant: Keyed) => Value | undefined): Record<string, Value> =>
    Object.fromEntries(
      participants.flatMap((participant) => {
        const value = valueOf(participant);
        return value === undefined ? [] : [[participant.key, value]];
      }),
    );
  const fromMs = call.answeredMs ?? 0;
  const spoken = utterances.filter(({ endMs }) => endMs > fromMs);
  const thresholdMs = metrics?.interruptionThresholdMs ?? 500;
  const interruptions = (of: Talker) => interruptionsBy(of, spoken, thresholdMs);
  const talkers = Map.groupBy(spoken, ({ side, voice }) => `${side} ${side === 'mixed' ? (voice?.label ?? '') : ''}`);
  const all = [...talkers.values()].flatMap(([first]) =>
    first === undefined
      ? []
      : interruptions({ side: first.side, label: first.side === 'mixed' ? (first.voice?.label ?? null) : null }),
  );
  return {
    TotalConversationDurationMillis: whole(metrics?.durationMs),
    Sentiment: {
      OverallSentiment: byKey((of) => figuresOf(metrics, of)?.sentiment?.[overall] ?? undefined),
      SentimentByPeriod: {
        QUARTER: byKey((of) => quarters(figuresOf(metrics, of)?.sentiment, of, spoken)),
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
      DetailsByParticipant: byKey((of) => {
        const speed = figuresOf(metrics, of)?.talkSpeedWpm ?? undefined;
        return speed === undefined ? undefined : { AverageWordsPerMinute: Math.round(speed) };
      }),
    },
    TalkTime: {
      TotalTimeMillis: whole(Object.values(metrics?.talkMs ?? {}).reduce((sum, ms) => sum + ms, 0)),
      DetailsByParticipant: byKey((of) => ({ TotalTimeMillis: whole(figuresOf(metrics, of)?.talkMs) })),
    },
  };
}

function isTheirs({ side, voice }: Utterance, of: Talker): boolean {
  return side === of.side && (of.label === null || voice?.label === of.label);
}

/** Of a side, or of one of those who share it. */
function figuresOf(
  metrics: WholeCall['metrics'],
  { side, label }: Talker,
): Partial<Pick<SpeakerMetrics, 'talkMs' | 'talkSpeedWpm' | 'sentiment'>> | undefined {
  if (metrics === null) return undefined;
  if (label !== null) return metrics.speakers?.find((speaker) => speaker.side === side && speaker.label === label);
  const { talkMs, talkSpeedWpm, sentiment } = metrics;
  const [talk, speed, feeling] = [talkMs[side], talkSpeedWpm[side], sentiment[side]];
  return {
    ...(talk !== undefined && { talkMs: talk }),
    ...(speed !== undefined && { talkSpeedWpm: speed }),
    ...(feeling !== undefined && { sentiment: feeling }),
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
function quarters(sentiment: SideSentiment | undefined, of: Talker, spoken: readonly Utterance[]) {
  const endMs = Math.max(0, ...spoken.filter((each) => isTheirs(each, of)).map((each) => each.endMs));
  if (endMs === 0 || sentiment === undefined) return undefined;
  const scores = sentiment.quarters;
  return scores.map((score, quarter) => ({
    BeginOffsetMillis: Math.floor((quarter * endMs) / scores.length),
    EndOffsetMillis: Math.floor(((quarter + 1) * endMs) / scores.length),
    Score: score ?? 0,
  }));
}

/** Somebody begins inside another's speech and overlaps it for at least the threshold. */
function interruptionsBy(of: Talker, spoken: readonly Utterance[], thresholdMs: number) {
  const others = spoken.filter((each) => !isTheirs(each, of));
  return spoken
    .filter((each) => isTheirs(each, of))
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
