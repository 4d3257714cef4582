import { sql, type Kysely } from 'kysely';

/** A call is found by either of its SIP Call-IDs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index calls_sip_call_ids on calls using gin (sip_call_ids)`.execute(db);
}
