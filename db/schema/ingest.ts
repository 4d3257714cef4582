import type { Generated } from 'kysely';
import type { HandedIn, IngestState } from '#media/types.ts';
import type { Jsonb, NullableJsonb, Time } from './columns.ts';

/** What became of files that were handed in, by content. */
export interface IngestLedgerTable {
  sha256: string;
  names: Jsonb<readonly string[]>;
  bytes: number;
  spooled: Jsonb<readonly string[]>;
  swap: boolean;
  started_at: Time;
  source_name: string;
  call_ids: string[];
  /** Of `call_ids`, those that somebody has removed since. */
  removed_call_ids: Generated<string[]>;
  taken_at: Time;
  state: IngestState;
  duration_ms: number;
  done_ms: number;
  hours_per_hour: number | null;
  fault: string | null;
  /** Id of the data directory where the files lie: only its server may go on with them. */
  owner: string;
  handed_in_by: NullableJsonb<HandedIn>;
  /** Of `call_ids`, those that the audit log says of who handed them in. */
  recorded_call_ids: Generated<string[]>;
  /** Names and terms that are likelier in its calls. */
  phrases: Jsonb<readonly string[]>;
}
