import type { ActorKind, ExportGone, Json } from '../types.ts';
import type { Derived, Jsonb, NullableTime, Time } from './columns.ts';

/** Who looked at what, and what was handed over. */

export interface AuditLogTable {
  sequence: number;
  /** Canonical JSON of the entry: what the digest is over. Null once erased. */
  content: string | null;
  salt: Buffer | null;
  content_digest: Buffer;
  hash: Buffer;
  signature: Buffer;
  at_epoch_ms: Derived<number | null>;
  actor_id: Derived<string | null>;
  action: Derived<string | null>;
  target_id: Derived<string | null>;
}

/** One row: locked by whoever appends. */
export interface AuditHeadTable {
  id: number;
  sequence: number;
  hash: Buffer;
}

export interface ExportsTable {
  export_id: string;
  made_by: Jsonb<{ kind: ActorKind; id: string; name: string }>;
  made_at: Time;
  scope: Jsonb<Json>;
  calls: number;
  files: number;
  bytes: number;
  manifest_sha256: string;
}

export interface ExportCallsTable {
  export_id: string;
  call_id: string;
  /** Why the export is no longer to be had. */
  gone_because: ExportGone | null;
  /** When sides or roles of the call were last put right after the export had read them. */
  corrected_at: NullableTime;
}
