import { sql, type Kysely } from 'kysely';

/** The audit chain, exports, and who may look: users, keys, sessions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // The columns one filters by are derived from the content, so that no second truth can differ from what is hashed.
  `create table audit_log (
    sequence bigint primary key,
    content text,
    salt bytea,
    content_digest bytea not null,
    hash bytea not null,
    signature bytea not null,
    at_epoch_ms bigint generated always as (((content::jsonb) ->> 'atEpochMs')::bigint) stored,
    actor_id text generated always as ((content::jsonb) -> 'actor' ->> 'id') stored,
    action text generated always as ((content::jsonb) ->> 'action') stored,
    target_id text generated always as ((content::jsonb) -> 'target' ->> 'id') stored
  )`,
  `create index audit_log_at on audit_log (at_epoch_ms)`,
  `create index audit_log_actor on audit_log (actor_id, sequence)`,
  `create index audit_log_action on audit_log (action, sequence)`,
  `create index audit_log_target on audit_log (target_id, sequence)`,
  `create table audit_head (
    id integer primary key check (id = 1),
    sequence bigint not null,
    hash bytea not null
  )`,
  `insert into audit_head values (1, 0, decode(repeat('00', 32), 'hex'))`,

  `create table exports (
    export_id text primary key,
    made_by jsonb not null,
    made_at timestamptz not null,
    scope jsonb not null,
    calls integer not null,
    files integer not null,
    bytes bigint not null,
    manifest_sha256 text not null
  )`,
  `create index exports_made on exports (made_at desc, export_id desc)`,

  `create table users (
    user_id text primary key,
    name text not null,
    role text not null,
    password text not null,
    disabled boolean not null,
    created_at timestamptz not null,
    last_login_at timestamptz
  )`,
  `create unique index users_name on users (lower(name))`,

  `create table api_keys (
    key_id text primary key,
    name text not null,
    role text not null,
    prefix text not null,
    secret_sha256 bytea not null unique,
    first_start boolean not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,

  `create table sessions (
    session_id text primary key,
    token_sha256 bytea not null unique,
    actor_kind text not null,
    actor_id text not null,
    expires_at timestamptz not null
  )`,
  `create index sessions_actor on sessions (actor_id)`,
  `create table login_links (
    token_sha256 bytea primary key,
    actor_kind text not null,
    actor_id text not null,
    expires_at timestamptz not null
  )`,
];
