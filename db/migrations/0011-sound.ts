import { sql, type Kysely } from 'kysely';

/** What of each side's sound was measured. Calls from before have none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table call_metrics add column sound jsonb`).execute(db);
}
