import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

const detail = 'the server stopped while the call was up: its last second, and what redaction held, may be missing';

/**
 * Closes the calls of this data directory that no live process owns: not ended in the database, not alive in this
 * process. Their end is the last thing known of them, and so is that of a pause which nobody ended. Calls of another
 * server on the same Postgres are not ours to judge.
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
      completeness = last.judged[1],
      assurance = jsonb_build_object('verdict', last.judged[1], 'reason', last.judged[2], 'streams', '[]'::jsonb),
      pauses = (
        select coalesce(jsonb_agg(case when pause ->> 'toMs' is null
          then pause || jsonb_build_object('toMs', last.media_ms) else pause end order by place), '[]')
        from jsonb_array_elements(pauses) with ordinality as each (pause, place)),
      notes = notes || jsonb_build_array(jsonb_build_object(
        'atMs', last.media_ms, 'note', 'server-restarted', 'detail', ${detail}::text))
    from (
      select call_id, at, (extract(epoch from at - media_started_at) * 1000)::integer as media_ms, case
        when record = 'none' then array['excluded', 'record-none']
        when answered_at is null then array['excluded', 'not-answered']
        when media_started_at is null then array['missing', 'nothing-came']
        else array['partial', 'server-restarted'] end as judged
      from calls, lateral (
        select greatest(started_at, answered_at, media_started_at,
          coalesce(media_started_at, started_at) + greatest(
            (select max(end_ms) from utterances u where u.call_id = calls.call_id),
            (select max(end_ms) from redactions r where r.call_id = calls.call_id),
            (select max((pause ->> 'fromMs')::numeric) from jsonb_array_elements(pauses) as each (pause))
          ) * interval '1 millisecond') as at) known
      where owner = ${owner} and state <> 'ended' and call_id <> all(${liveCallIds}::text[])
    ) last
    where calls.call_id = last.call_id
    returning calls.call_id`.execute(db);
  return closed.rows.map((row) => row.call_id);
}
