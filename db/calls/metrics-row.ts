import type { Insertable, Selectable } from 'kysely';
import type { CallMetrics } from '#analytics/types.ts';
import type { Schema } from '../schema.ts';

/** Between the row of a call's figures, a column a side, and CallMetrics. */

export function metricsRow(metrics: CallMetrics): Insertable<Schema['call_metrics']> {
  const { caller, callee } = metrics.sentiment;
  return {
    call_id: metrics.callId,
    duration_ms: Math.round(metrics.durationMs),
    talk_ms_caller: Math.round(metrics.talkMs.caller),
    talk_ms_callee: Math.round(metrics.talkMs.callee),
    talk_speed_wpm_caller: metrics.talkSpeedWpm.caller,
    talk_speed_wpm_callee: metrics.talkSpeedWpm.callee,
    overtalk_ms: Math.round(metrics.overtalkMs),
    non_talk_ms: Math.round(metrics.nonTalkMs),
    hold_ms: Math.round(metrics.holdMs),
    interruptions_caller: metrics.interruptions.caller,
    interruptions_callee: metrics.interruptions.callee,
    interruption_threshold_ms: Math.round(metrics.interruptionThresholdMs),
    sentiment_quarters_mean_caller: caller.meanOfQuarters,
    sentiment_quarters_mean_callee: callee.meanOfQuarters,
    sentiment_utterances_mean_caller: caller.meanOfUtterances,
    sentiment_utterances_mean_callee: callee.meanOfUtterances,
    sentiment_quarters_caller: JSON.stringify(caller.quarters),
    sentiment_quarters_callee: JSON.stringify(callee.quarters),
  };
}

export function toMetrics(row: Selectable<Schema['call_metrics']>): CallMetrics {
  return {
    callId: row.call_id,
    durationMs: row.duration_ms,
    talkMs: { caller: row.talk_ms_caller, callee: row.talk_ms_callee },
    talkSpeedWpm: { caller: row.talk_speed_wpm_caller, callee: row.talk_speed_wpm_callee },
    overtalkMs: row.overtalk_ms,
    nonTalkMs: row.non_talk_ms,
    holdMs: row.hold_ms,
    interruptions: { caller: row.interruptions_caller, callee: row.interruptions_callee },
    interruptionThresholdMs: row.interruption_threshold_ms,
    sentiment: {
      caller: {
        meanOfQuarters: row.sentiment_quarters_mean_caller,
        meanOfUtterances: row.sentiment_utterances_mean_caller,
        quarters: row.sentiment_quarters_caller,
      },
      callee: {
        meanOfQuarters: row.sentiment_quarters_mean_callee,
        meanOfUtterances: row.sentiment_utterances_mean_callee,
        quarters: row.sentiment_quarters_callee,
      },
    },
  };
}
