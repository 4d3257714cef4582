import type { ColumnType, Generated } from 'kysely';
import type { CallNote, Redaction, Severity, Utterance } from '#analytics/types.ts';
import type { SampleRange, StreamReport } from '#media/types.ts';
import type {
  CallResult,
  CallSource,
  CallState,
  PartyRole,
  PartySide,
  RecordPolicy,
  TalkSide,
  TerminationReason,
} from '#sip/types.ts';
import type { ActorKind, ExportGone, Json, Role } from './types.ts';

/** The tables as kysely sees them. Written by hand; schema.integration.test.ts holds it to the migrated database. */
export interface Schema {
  calls: CallsTable;
  parties: PartiesTable;
  utterances: UtterancesTable;
  findings: FindingsTable;
  redactions: RedactionsTable;
  call_metrics: CallMetricsTable;
  recordings: RecordingsTable;
  cleanings: CleaningsTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  login_links: LoginLinksTable;
  exports: ExportsTable;
  export_calls: ExportCallsTable;
}

type Time = ColumnType<Date, string, string>;
type NullableTime = ColumnType<Date | null, string | null | undefined, string | null>;
/** Written as JSON text: pg would turn a JavaScript array into a Postgres one. */
type Jsonb<Value> = ColumnType<Value, string, string>;
type Derived<Value> = ColumnType<Value, never, never>;

interface CallsTable {
  call_id: string;
  state: CallState;
  started_at: Time;
  media_started_at: NullableTime;
  answered_at: NullableTime;
  ended_at: NullableTime;
  duration_ms: number | null;
  answered_ms: number | null;
  source: CallSource;
  sip_call_ids: string[];
  headers: Jsonb<Record<string, string>>;
  record: RecordPolicy;
  completeness: 'complete' | 'partial' | 'excluded' | 'pending';
  notes: Jsonb<readonly CallNote[]>;
  result: CallResult | null;
  reason: TerminationReason | null;
  sip_status: number | null;
  streams: ColumnType<Record<TalkSide, StreamReport> | null, string | null, string | null>;
  /** Id of the data directory whose server owns the call: only that server may close it as dead. */
  owner: string;
  /** Ops of the call that the journal had no room for. */
  lost_ops: Generated<number>;
}

interface PartiesTable {
  call_id: string;
  party_id: string;
  /** Place in the call's list. */
  ordinal: number;
  side: PartySide;
  uri: string | null;
  display_name: string | null;
  role: PartyRole;
  joined_ms: number;
  left_ms: number | null;
}

interface UtterancesTable {
  utterance_id: string;
  call_id: string;
  side: PartySide;
  party_id: string | null;
  speaker: string;
  start_ms: number;
  end_ms: number;
  /** When it was said: the call's first media sample plus `start_ms`. */
  said_at: Time;
  text: string;
  words: Jsonb<Utterance['words']>;
  confidence: number;
  language: string;
  sentiment: number;
  revision: number;
  /** Stems without stop words: what a word of a query is looked up in. */
  search_english: Derived<string>;
  /** Every word as it was said: phrases with stop words, and prefixes. */
  search_simple: Derived<string>;
}

interface FindingsTable {
  finding_id: string;
  call_id: string;
  rule_id: string;
  title: string;
  severity: Severity;
  kind: 'said' | 'missing' | 'system';
  side: PartySide | null;
  start_ms: number;
  end_ms: number;
  evidence: string;
  utterance_ids: string[];
}

interface RedactionsTable {
  redaction_id: string;
  call_id: string;
  kind: Redaction['kind'];
  side: PartySide;
  start_ms: number;
  end_ms: number;
  reason: string;
}

interface CallMetricsTable {
  call_id: string;
  duration_ms: number;
  talk_ms_caller: number;
  talk_ms_callee: number;
  talk_speed_wpm_caller: number | null;
  talk_speed_wpm_callee: number | null;
  overtalk_ms: number;
  non_talk_ms: number;
  hold_ms: number;
  interruptions_caller: number;
  interruptions_callee: number;
  interruption_threshold_ms: number;
  sentiment_quarters_mean_caller: number | null;
  sentiment_quarters_mean_callee: number | null;
  sentiment_utterances_mean_caller: number | null;
  sentiment_utterances_mean_callee: number | null;
  sentiment_quarters_caller: Jsonb<readonly (number | null)[]>;
  sentiment_quarters_callee: Jsonb<readonly (number | null)[]>;
}

interface RecordingsTable {
  call_id: string;
  path: string | null;
  peaks_path: string | null;
  samples: number;
  bytes: number;
  sha256: string | null;
  silenced: Jsonb<readonly SampleRange[]>;
  unredacted: Jsonb<readonly SampleRange[]>;
  failure: string | null;
}

/** Tables whose dead rows must still be wiped from their pages (cleaning.ts). */
interface CleaningsTable {
  table_name: string;
  /** The transaction that left dead rows; pages are clean once a VACUUM FULL began after nobody could see them. */
  due_xid: number;
}

interface AuditLogTable {
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
interface AuditHeadTable {
  id: number;
  sequence: number;
  hash: Buffer;
}

interface UsersTable {
  user_id: string;
  name: string;
  role: Role;
  /** PHC string, argon2id. */
  password: string;
  disabled: boolean;
  created_at: Time;
  last_login_at: NullableTime;
}

interface ApiKeysTable {
  key_id: string;
  name: string;
  role: Role;
  prefix: string;
  secret_sha256: Buffer;
  first_start: boolean;
  created_at: Time;
  last_used_at: NullableTime;
  revoked_at: NullableTime;
}

interface SessionsTable {
  session_id: string;
  token_sha256: Buffer;
  actor_kind: ActorKind;
  actor_id: string;
  expires_at: Time;
}

interface LoginLinksTable {
  token_sha256: Buffer;
  actor_kind: ActorKind;
  actor_id: string;
  expires_at: Time;
}

interface ExportsTable {
  export_id: string;
  made_by: Jsonb<{ kind: ActorKind; id: string; name: string }>;
  made_at: Time;
  scope: Jsonb<Json>;
  calls: number;
  files: number;
  bytes: number;
  manifest_sha256: string;
}

interface ExportCallsTable {
  export_id: string;
  call_id: string;
  /** Why the export is no longer to be had. */
  gone_because: ExportGone | null;
}
