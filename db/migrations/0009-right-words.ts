import { sql, type Kysely } from 'kysely';

/**
 * Who wrote an utterance's text and what stood there before; what people correct, so that it may be suggested as a
 * phrase; the phrases that they have added; and how far the second pass over a call is.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table utterances add column text_by text not null default 'recogniser'`,
  `create table utterance_revisions (
    utterance_id text not null references utterances on delete cascade,
    revision integer not null,
    call_id text not null references calls on delete cascade,
    text text not null,
    words jsonb not null,
    confidence double precision not null,
    language text not null,
    text_by text not null,
    replaced_at timestamptz not null,
    primary key (utterance_id, revision)
  )`,
  `create index utterance_revisions_call on utterance_revisions (call_id)`,
  `create table word_corrections (
    call_id text not null references calls on delete cascade,
    utterance_id text not null,
    heard text not null,
    corrected text not null,
    corrected_at timestamptz not null
  )`,
  `create index word_corrections_call on word_corrections (call_id)`,
  // As for utterances: the planner's samples would keep what is taken away.
  ...['text', 'words'].map((column) => `alter table utterance_revisions alter column ${column} set statistics 0`),
  ...['heard', 'corrected'].map((column) => `alter table word_corrections alter column ${column} set statistics 0`),

  `create table phrases (
    phrase_key text primary key,
    phrase text not null,
    added_by text not null,
    added_at timestamptz not null
  )`,
  `alter table ingest_ledger add column phrases jsonb not null default '[]'`,

  `create table second_passes (
    call_id text primary key references calls on delete cascade,
    state text not null check (state in ('waiting', 'done', 'failed')),
    attempts integer not null,
    next_at timestamptz not null,
    fault text
  )`,
];
