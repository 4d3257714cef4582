import type { Call } from '#analytics/types.ts';
import { samplesToMs } from '#media/types.ts';
import { partySides } from '#sip/types.ts';
import type { Table } from './table.ts';

export const callsTable: Table = {
  file: 'calls.csv',
  columns: [
    'call_id',
    'state',
    'source',
    'started_at',
    'answered_at',
    'ended_at',
    'duration_ms',
    'caller',
    'callee',
    'result',
    'reason',
    'sip_status',
    'record',
    'completeness',
    'notes',
    'source_name',
    'others',
    'completeness_reason',
    'sides_swapped',
    'pauses',
    'paused_ms',
  ],
  rows: ({ detail: { call } }) => {
    return [
      [
        call.callId,
        call.state,
        call.source,
        call.startedAt,
        call.answeredAt,
        call.endedAt,
        call.durationMs,
        namesOf(call, ['caller'])[0] ?? null,
        namesOf(call, ['callee'])[0] ?? null,
        call.termination?.result ?? null,
        call.termination?.reason ?? null,
        call.termination?.sipStatus ?? null,
        call.record,
        call.completeness,
        call.notes.map((note) => note.note).join(' '),
        call.sourceName,
        namesOf(call, ['other', 'mixed']).join('; '),
        call.assurance?.reason ?? null,
        call.sidesSwapped,
        call.pauses.length,
        pausedMs(call),
      ],
    ];
  },
};

/** A row for each stream that came, or was to come. */
export const streamsTable: Table = {
  file: 'streams.csv',
  columns: [
    'call_id',
    'side',
    'packets',
    'lost_packets',
    'jitter_mean_ms',
    'jitter_max_ms',
    'mos',
    'gaps',
    'expected_ms',
    'heard_ms',
    'silent_ms',
    'verdict',
    'reason',
  ],
  rows: ({ detail: { call } }) =>
    partySides.flatMap((side) => {
      const report = call.streams?.[side];
      const assured = call.assurance?.streams.find((each) => each.side === side);
      if (report === undefined && assured === undefined) return [];
      return [
        [
          call.callId,
          side,
          report?.packets ?? null,
          report?.lostPackets ?? null,
          report?.jitterMeanMs ?? null,
          report?.jitterMaxMs ?? null,
          report?.mos ?? null,
          report?.gaps ?? null,
          assured?.expectedMs ?? null,
          assured?.heardMs ?? null,
          assured?.silentMs ?? null,
          assured?.verdict ?? null,
          assured?.reason ?? null,
        ],
      ];
    }),
};

/** Of everybody who was ever on these sides. */
function namesOf({ parties }: Call, sides: readonly string[]): readonly string[] {
  return parties.filter(({ side }) => sides.includes(side)).map(({ uri, displayName }) => uri ?? displayName ?? '');
}

/** A pause that was still open at the end counts to where the last stream ended. */
function pausedMs({ pauses, streams }: Call): number {
  const ends = Object.values(streams ?? {}).map(({ endSample }) => samplesToMs(endSample ?? 0));
  return pauses.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, (toMs ?? Math.max(0, ...ends)) - fromMs), 0);
}
