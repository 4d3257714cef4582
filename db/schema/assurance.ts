import type { CdrExclusion, CdrState } from '#analytics/types.ts';
import type { NullableTime, Time } from './columns.ts';

/** How far each server (its data directory's id) has read which CDR file. */
export interface CdrFilesTable {
  owner: string;
  path: string;
  source_name: string;
  head_bytes: number;
  head_sha256: string;
  offset_bytes: number;
  lines: number;
  header: string | null;
  bad_lines: number;
  last_bad_line: number | null;
  last_bad_problem: string | null;
  first_seen_at: Time;
  read_at: Time;
}

/** What the PBX says of its calls. */
export interface CdrRecordsTable {
  record_id: string;
  source_name: string;
  unique_id: string | null;
  group_id: string | null;
  started_at: Time;
  answered_at: NullableTime;
  ended_at: NullableTime;
  talked_ms: number;
  caller: string | null;
  callee: string | null;
  aliases: string[];
  sip_call_ids: string[];
  excluded: CdrExclusion | null;
  state: CdrState;
  call_id: string | null;
  /** Null: it is not looked for (any more). */
  next_check_at: NullableTime;
}
