import { partySides } from '#sip/types.ts';
import { computeCallMetrics } from '../metrics/call-metrics.ts';
import type { CallMetrics, StoredCall } from '../types.ts';
import { spokenText, tokensOf } from '../words.ts';

/** The figures of a call whose texts are others now: how fast and how kindly it was spoken. Times stay as they were. */
export function remeasured({ call, metrics, utterances }: StoredCall): CallMetrics | null {
  if (metrics === null || call.answeredMs === null) return metrics;
  const { callId, answeredMs } = call;
  const again = computeCallMetrics({
    callId,
    sides: partySides.filter((side) => metrics.talkMs[side] !== undefined),
    window: { startMs: answeredMs, endMs: answeredMs + metrics.durationMs },
    speech: utterances.map((utterance) => ({ ...utterance, words: tokensOf(spokenText(utterance)).length })),
    holds: [],
    pauses: [],
    interruptionThresholdMs: metrics.interruptionThresholdMs,
  });
  return { ...metrics, talkSpeedWpm: again.talkSpeedWpm, sentiment: again.sentiment };
}
