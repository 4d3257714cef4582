import type { Insertable, Selectable } from 'kysely';
import type { Redaction } from '#analytics/types.ts';
import type { Schema } from '../../schema.ts';

export function redactionRow(redaction: Redaction): Insertable<Schema['redactions']> {
  return {
    redaction_id: redaction.redactionId,
    call_id: redaction.callId,
    kind: redaction.kind,
    side: redaction.side,
    start_ms: Math.round(redaction.startMs),
    end_ms: Math.round(redaction.endMs),
    reason: redaction.reason,
  };
}

export function toRedaction(row: Selectable<Schema['redactions']>): Redaction {
  return {
    redactionId: row.redaction_id,
    callId: row.call_id,
    kind: row.kind,
    side: row.side,
    startMs: row.start_ms,
    endMs: row.end_ms,
    reason: row.reason,
  };
}
