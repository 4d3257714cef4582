import type { Insertable, Selectable } from 'kysely';
import type { Call, CallNote } from '#analytics/types.ts';
import type { Schema } from '../../schema.ts';
import { wholeOrNull } from './numbers.ts';
import { toParties } from './party.ts';

/** The note that says how many rows a call lost: made from `lost_ops` on each reading, and never stored. */
const rowsLost = 'rows-lost';

export function callRow(call: Call, owner: string): Insertable<Schema['calls']> {
  return {
    call_id: call.callId,
    state: call.state,
    started_at: call.startedAt,
    media_started_at: call.mediaStartedAt,
    answered_at: call.answeredAt,
    ended_at: call.endedAt,
    duration_ms: wholeOrNull(call.durationMs),
    answered_ms: wholeOrNull(call.answeredMs),
    source: call.source,
    sip_call_ids: [...call.sipCallIds],
    headers: JSON.stringify(call.headers),
    record: call.record,
    completeness: call.completeness,
    assurance: call.assurance === null ? null : JSON.stringify(call.assurance),
    pauses: JSON.stringify(call.pauses),
    source_name: call.sourceName,
    sides_swapped: call.sidesSwapped,
    notes: JSON.stringify(call.notes.filter(({ note }) => note !== rowsLost)),
    result: call.termination?.result ?? null,
    reason: call.termination?.reason ?? null,
    sip_status: call.termination?.sipStatus ?? null,
    streams: call.streams === null ? null : JSON.stringify(call.streams),
    owner,
  };
}

export function toCall(row: Selectable<Schema['calls']>, parties: readonly Selectable<Schema['parties']>[]): Call {
  const lost: readonly CallNote[] =
    row.lost_ops === 0
      ? []
      : [{ atMs: null, note: rowsLost, detail: `${row.lost_ops} rows found no room while the database was away` }];
  return {
    callId: row.call_id,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    mediaStartedAt: row.media_started_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    durationMs: row.duration_ms,
    answeredMs: row.answered_ms,
    source: row.source,
    sipCallIds: row.sip_call_ids,
    parties: toParties(parties),
    headers: row.headers,
    record: row.record,
    completeness: row.completeness,
    assurance: row.assurance,
    pauses: row.pauses,
    sourceName: row.source_name,
    sidesSwapped: row.sides_swapped,
    notes: [...row.notes, ...lost],
    termination:
      row.result === null || row.reason === null
        ? null
        : { result: row.result, reason: row.reason, sipStatus: row.sip_status },
    streams: row.streams,
  };
}
