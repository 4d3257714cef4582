import { sql, type Kysely } from 'kysely';

/** Calls and all that hangs on them. Statements, not builder chains: what is run is what is read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table calls (
    call_id text primary key,
    state text not null,
    started_at timestamptz not null,
    media_started_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    duration_ms integer,
    answered_ms integer,
    source text not null,
    sip_call_ids text[] not null,
    headers jsonb not null,
    record text not null,
    completeness text not null,
    notes jsonb not null,
    result text,
    reason text,
    sip_status integer,
    streams jsonb,
    owner text not null,
    lost_ops integer not null default 0
  )`,
  `create index calls_started on calls (started_at desc, call_id desc)`,
  `create index calls_open on calls (owner) where state <> 'ended'`,

  `create table parties (
    call_id text not null references calls on delete cascade,
    party_id text not null,
    ordinal integer not null,
    side text not null,
    uri text,
    display_name text,
    role text not null,
    joined_ms integer not null,
    left_ms integer,
    primary key (call_id, party_id)
  )`,

  `create table utterances (
    utterance_id text primary key,
    call_id text not null references calls on delete cascade,
    side text not null,
    party_id text,
    speaker text not null,
    start_ms integer not null,
    end_ms integer not null,
    said_at timestamptz not null,
    text text not null,
    words jsonb not null,
    confidence double precision not null,
    language text not null,
    sentiment double precision not null,
    revision integer not null,
    search_english tsvector not null generated always as (to_tsvector('english', text)) stored,
    search_simple tsvector not null generated always as (to_tsvector('simple', text)) stored
  )`,
  `create index utterances_call on utterances (call_id, start_ms)`,
  `create index utterances_said on utterances (said_at desc, utterance_id desc)`,
  `create index utterances_english on utterances using gin (search_english)`,
  `create index utterances_simple on utterances using gin (search_simple)`,
  // The planner's samples would keep text that late redaction has to take away.
  `alter table utterances alter column text set statistics 0, alter column words set statistics 0`,

  `create table findings (
    finding_id text primary key,
    call_id text not null references calls on delete cascade,
    rule_id text not null,
    title text not null,
    severity text not null,
    kind text not null,
    side text,
    start_ms integer not null,
    end_ms integer not null,
    evidence text not null,
    utterance_ids text[] not null
  )`,
  `create index findings_call on findings (call_id, start_ms)`,
  `create index findings_rule on findings (rule_id, call_id)`,
  `alter table findings alter column evidence set statistics 0`,

  `create table redactions (
    redaction_id text primary key,
    call_id text not null references calls on delete cascade,
    kind text not null,
    side text not null,
    start_ms integer not null,
    end_ms integer not null,
    reason text not null
  )`,
  `create index redactions_call on redactions (call_id, start_ms)`,

  `create table call_metrics (
    call_id text primary key references calls on delete cascade,
    duration_ms integer not null,
    talk_ms_caller integer not null,
    talk_ms_callee integer not null,
    talk_speed_wpm_caller double precision,
    talk_speed_wpm_callee double precision,
    overtalk_ms integer not null,
    non_talk_ms integer not null,
    hold_ms integer not null,
    interruptions_caller integer not null,
    interruptions_callee integer not null,
    interruption_threshold_ms integer not null,
    sentiment_quarters_mean_caller double precision,
    sentiment_quarters_mean_callee double precision,
    sentiment_utterances_mean_caller double precision,
    sentiment_utterances_mean_callee double precision,
    sentiment_quarters_caller jsonb not null,
    sentiment_quarters_callee jsonb not null
  )`,

  `create table recordings (
    call_id text primary key references calls on delete cascade,
    path text,
    peaks_path text,
    samples bigint not null,
    bytes bigint not null,
    sha256 text,
    silenced jsonb not null,
    unredacted jsonb not null,
    failure text
  )`,

  `create table cleanings (
    table_name text primary key,
    due_xid bigint not null
  )`,
];
