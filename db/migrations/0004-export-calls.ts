import { sql, type Kysely } from 'kysely';

/**
 * Which calls an export holds, and why it is no longer to be had. Without foreign keys: a row is there before its
 * export is, and stays when its call is deleted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table export_calls (
    export_id text not null,
    call_id text not null,
    gone_because text,
    primary key (export_id, call_id)
  )`.execute(db);
  await sql`create index export_calls_call on export_calls (call_id)`.execute(db);
}
