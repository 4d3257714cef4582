import type { Insertable, Selectable } from 'kysely';
import type { CdrFilePosition, CdrRecord } from '#analytics/types.ts';
import type { Schema } from '../schema.ts';
import { storableText } from '../storable.ts';

/** Of an integer column: what a broken line says may be anything. */
const longestMs = 2 ** 31 - 1;

/** Between rows and the objects of analytics/types.ts. A record that demands a call is looked for from `at` on. */
export function cdrRow(record: CdrRecord, at: string): Insertable<Schema['cdr_records']> {
  return {
    record_id: record.recordId,
    source_name: record.sourceName,
    unique_id: textOrNull(record.uniqueId),
    group_id: textOrNull(record.groupId),
    started_at: record.startedAt,
    answered_at: record.answeredAt,
    ended_at: record.endedAt,
    talked_ms: Math.min(record.talkedMs, longestMs),
    caller: textOrNull(record.caller),
    callee: textOrNull(record.callee),
    aliases: record.aliases.map(storableText),
    sip_call_ids: record.sipCallIds.map(storableText),
    excluded: record.excluded,
    state: record.excluded === null ? 'waiting' : 'excluded',
    call_id: null,
    next_check_at: record.excluded === null ? at : null,
  };
}

export function toCdr(row: Selectable<Schema['cdr_records']>): CdrRecord {
  return {
    recordId: row.record_id,
    sourceName: row.source_name,
    uniqueId: row.unique_id,
    groupId: row.group_id,
    startedAt: row.started_at.toISOString(),
    answeredAt: row.answered_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    talkedMs: row.talked_ms,
    caller: row.caller,
    callee: row.callee,
    aliases: row.aliases,
    sipCallIds: row.sip_call_ids,
    excluded: row.excluded,
  };
}

export function positionRow(position: CdrFilePosition, owner: string): Insertable<Schema['cdr_files']> {
  return {
    owner,
    path: position.path,
    source_name: position.sourceName,
    head_bytes: position.headBytes,
    head_sha256: position.headSha256,
    offset_bytes: position.offsetBytes,
    lines: position.lines,
    header: textOrNull(position.header),
    bad_lines: position.badLines,
    last_bad_line: position.lastBadLine,
    last_bad_problem: position.lastBadProblem,
    first_seen_at: position.firstSeenAt,
    read_at: position.readAt,
  };
}

export function toPosition(row: Selectable<Schema['cdr_files']>): CdrFilePosition {
  return {
    path: row.path,
    sourceName: row.source_name,
    headBytes: row.head_bytes,
    headSha256: row.head_sha256,
    offsetBytes: row.offset_bytes,
    lines: row.lines,
    header: row.header,
    badLines: row.bad_lines,
    lastBadLine: row.last_bad_line,
    lastBadProblem: row.last_bad_problem,
    firstSeenAt: row.first_seen_at.toISOString(),
    readAt: row.read_at.toISOString(),
  };
}

/** Whatever a file holds: what the database refuses would be read again and again, and nothing behind it ever. */
function textOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}
