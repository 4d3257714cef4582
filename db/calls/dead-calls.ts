import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

const detail = 'the server stopped while the call was up: its last second, and what redaction held, may be missing';

/**
 * Closes the calls of this data directory that no live process owns: not ended in the database, not alive in this
 * process. Their end is the last thing known of them. Calls of another server on the same Postgres are not ours to judge.
 * @returns ids of the calls closed now
 */
export async function closeDeadCalls(
  db: Kysely<Schema>,
  owner: string,
  liveCallIds: readonly string[],
): Promise<readonly string[]> {
  const closed = await sql<{ call_id: string }>`
    update calls set
      state = 'ended',
      ended_at = last.at,
      duration_ms = (extract(epoch from last.at - answered_at) * 1000)::integer,
      result = 'failed',
      reason = 'server-restarted',
      sip_status = null,
      completeness = case when completeness = 'excluded' then completeness else 'partial' end,
      notes = notes || jsonb_build_array(jsonb_build_object(
        'atMs', (extract(epoch from last.at - media_started_at) * 1000)::integer,
        'note', 'server-restarted', 'detail', ${detail}::text))
    from (
      select c.call_id, greatest(c.started_at, c.answered_at, c.media_started_at,
        coalesce(c.media_started_at, c.started_at) + greatest(
          (select max(end_ms) from utterances u where u.call_id = c.call_id),
          (select max(end_ms) from redactions r where r.call_id = c.call_id)) * interval '1 millisecond') as at
      from calls c
      where c.owner = ${owner} and c.state <> 'ended' and c.call_id <> all(${liveCallIds}::text[])
    ) last
    where calls.call_id = last.call_id
    returning calls.call_id`.execute(db);
  return closed.rows.map((row) => row.call_id);
}

/** Tells the rows of calls how many ops the journal had no room for. @returns the losses of calls that have no row yet */
export async function storeLosses(
  db: Kysely<Schema>,
  losses: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const told = await sql<{ call_id: string }>`
    update calls set lost_ops = lost_ops + loss.ops
    from unnest(${[...losses.keys()]}::text[], ${[...losses.values()]}::integer[]) as loss(call_id, ops)
    where calls.call_id = loss.call_id
    returning calls.call_id`.execute(db);
  const found = new Set(told.rows.map((row) => row.call_id));
  return new Map([...losses].filter(([callId]) => !found.has(callId)));
}
