import { partySides } from '#sip/types.ts';
import { computeCallMetrics } from '../metrics/call-metrics.ts';
import { summariseSentiment } from '../sentiment/by-side.ts';
import type { CallMetrics, SpeakerMetrics, StoredCall, Utterance } from '../types.ts';
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
  const { talkSpeedWpm, sentiment } = again;
  return { ...metrics, talkSpeedWpm, sentiment, ...(metrics.speakers && { speakers: bySpeaker(metrics, utterances) }) };
}

function bySpeaker(metrics: CallMetrics, utterances: readonly Utterance[]): readonly SpeakerMetrics[] {
  return (metrics.speakers ?? []).map((speaker) => {
    const said = utterances.filter(({ side, voice }) => side === speaker.side && voice?.label === speaker.label);
    const words = said.reduce((sum, utterance) => sum + tokensOf(spokenText(utterance)).length, 0);
    const talkSpeedWpm = speaker.talkMs === 0 ? null : Math.round((words * 60_000) / speaker.talkMs);
    return { ...speaker, talkSpeedWpm, sentiment: summariseSentiment(said) };
  });
}
