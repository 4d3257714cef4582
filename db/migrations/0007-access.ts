import { sql, type Kysely } from 'kysely';

/**
 * Keys that only send, which an earlier version would take for readers'; who handed a file in, and whether its calls are
 * on record; and exports made before a call in them was put right.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table users add constraint users_role check (role in ('admin', 'reader'))`,
  `alter table api_keys add constraint api_keys_role check (role in ('admin', 'reader', 'sender'))`,

  `alter table ingest_ledger
    add column handed_in_by jsonb,
    add column recorded_call_ids text[] not null default '{}'`,
  // Of those from before nobody is known any more: what their rows say was written when they were taken.
  `create index ingest_ledger_unrecorded on ingest_ledger (owner, taken_at)
    where handed_in_by is not null and not (call_ids <@ recorded_call_ids)`,

  `alter table export_calls add column corrected_at timestamptz`,
];
