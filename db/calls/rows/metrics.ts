import type { Insertable, Selectable } from 'kysely';
import type { BySide, CallMetrics } from '#analytics/types.ts';
import { partySides, type ChannelSide } from '#sip/types.ts';
import type { Schema } from '../../schema.ts';

/** Between CallMetrics and its rows: one of the call, and one of each side that has figures. */

export function metricsRow(metrics: CallMetrics): Insertable<Schema['call_metrics']> {
  return {
    call_id: metrics.callId,
    duration_ms: Math.round(metrics.durationMs),
    overtalk_ms: Math.round(metrics.overtalkMs),
    non_talk_ms: Math.round(metrics.nonTalkMs),
    hold_ms: Math.round(metrics.holdMs),
    interruption_threshold_ms: Math.round(metrics.interruptionThresholdMs),
    speakers: metrics.speakers === undefined ? null : JSON.stringify(metrics.speakers),
    sound: metrics.sound === undefined ? null : JSON.stringify(metrics.sound),
  };
}

export function sideMetricsRows(metrics: CallMetrics): readonly Insertable<Schema['call_side_metrics']>[] {
  const { callId, talkMs, talkSpeedWpm, interruptions, sentiment } = metrics;
  return partySides.flatMap((side) => {
    const ownTalkMs = talkMs[side];
    if (ownTalkMs === undefined) return [];
    return {
      call_id: callId,
      side,
      talk_ms: Math.round(ownTalkMs),
      talk_speed_wpm: talkSpeedWpm[side] ?? null,
      interruptions: interruptions[side] ?? 0,
      sentiment_quarters_mean: sentiment[side]?.meanOfQuarters ?? null,
      sentiment_utterances_mean: sentiment[side]?.meanOfUtterances ?? null,
      sentiment_quarters: JSON.stringify(sentiment[side]?.quarters ?? []),
    };
  });
}

export function toMetrics(
  row: Selectable<Schema['call_metrics']>,
  sides: readonly Selectable<Schema['call_side_metrics']>[],
): CallMetrics {
  return {
    callId: row.call_id,
    durationMs: row.duration_ms,
    talkMs: bySide(sides, (side) => side.talk_ms),
    talkSpeedWpm: bySide(sides, (side) => side.talk_speed_wpm),
    overtalkMs: row.overtalk_ms,
    nonTalkMs: row.non_talk_ms,
    holdMs: row.hold_ms,
    interruptions: bySide(sides, (side) => side.interruptions),
    interruptionThresholdMs: row.interruption_threshold_ms,
    sentiment: bySide(sides, (side) => ({
      meanOfQuarters: side.sentiment_quarters_mean,
      meanOfUtterances: side.sentiment_utterances_mean,
      quarters: side.sentiment_quarters,
    })),
    ...(row.speakers === null ? {} : { speakers: row.speakers }),
    ...(row.sound === null ? {} : { sound: row.sound }),
  };
}

/** One value a row, in the order of `partySides`. */
export function bySide<Row extends { readonly side: ChannelSide }, Value>(
  rows: readonly Row[],
  figure: (row: Row) => Value,
): BySide<Value> {
  const ordered = rows.toSorted((one, other) => partySides.indexOf(one.side) - partySides.indexOf(other.side));
  return Object.fromEntries(ordered.map((row) => [row.side, figure(row)]));
}
