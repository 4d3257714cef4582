import { sql, type Kysely } from 'kysely';

/**
 * The report over what calls say of themselves, answered from an index alone; and what the PBX says of its calls. A record
 * goes with the call that it was found to be of.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table calls add column assurance_reason text generated always as (assurance ->> 'reason') stored`,
  `create index calls_assurance on calls (started_at) include (source, source_name, completeness, assurance_reason)`,
  `create index calls_flagged on calls (started_at desc, call_id desc) where completeness in ('partial', 'missing')`,

  `create table cdr_files (
    owner text not null,
    path text not null,
    source_name text not null,
    head_bytes integer not null,
    head_sha256 text not null,
    offset_bytes bigint not null,
    lines bigint not null,
    header text,
    bad_lines bigint not null,
    last_bad_line bigint,
    last_bad_problem text,
    first_seen_at timestamptz not null,
    read_at timestamptz not null,
    primary key (owner, path)
  )`,
  `create table cdr_records (
    record_id text primary key,
    source_name text not null,
    unique_id text,
    group_id text,
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz,
    talked_ms integer not null,
    caller text,
    callee text,
    aliases text[] not null,
    sip_call_ids text[] not null,
    excluded text,
    state text not null,
    call_id text references calls on delete cascade,
    next_check_at timestamptz
  )`,
  `create index cdr_records_started on cdr_records (started_at desc, record_id desc) include (source_name, state)`,
  `create index cdr_records_unmatched on cdr_records (started_at desc, record_id desc) where state = 'unmatched'`,
  `create index cdr_records_due on cdr_records (next_check_at) where next_check_at is not null`,
  `create index cdr_records_call on cdr_records (call_id)`,
  `create index cdr_records_group on cdr_records (source_name, group_id) where call_id is not null`,
];
