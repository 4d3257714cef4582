import { sql, type Kysely } from 'kysely';
import type { CdrCandidate, CdrOutcome, CdrRecord, CdrState, CdrStore } from '#analytics/types.ts';
import type { Schema } from '../schema.ts';
import { cdrRow, positionRow, toCdr, toPosition } from './cdr-rows.ts';

/** Rows of one INSERT: Postgres takes 65,535 parameters. */
const rowsAtOnce = 1000;
/** Calls that began when a record says, on the busiest of servers. */
const mostCandidates = 500;

/** @param owner whose files are read: the id of the data directory */
export function createCdrStore(db: Kysely<Schema>, owner: string): CdrStore {
  return {
    positions: async () => {
      const rows = await db.selectFrom('cdr_files').selectAll().where('owner', '=', owner).execute();
      return rows.map(toPosition);
    },
    take: (position, records) =>
      db.transaction().execute(async (trx) => {
        let added = 0;
        for (let from = 0; from < records.length; from += rowsAtOnce) {
          const result = await trx
            .insertInto('cdr_records')
            .values(records.slice(from, from + rowsAtOnce).map((record) => cdrRow(record, position.readAt)))
            .onConflict((conflict) => conflict.column('record_id').doNothing())
            .executeTakeFirst();
          added += Number(result.numInsertedOrUpdatedRows ?? 0);
        }
        const row = positionRow(position, owner);
        await trx
          .insertInto('cdr_files')
          .values(row)
          .onConflict((conflict) => conflict.columns(['owner', 'path']).doUpdateSet(row))
          .execute();
        return added;
      }),
    due: async (sourceNames, at, limit) => {
      const rows = await db
        .selectFrom('cdr_records')
        .selectAll()
        .where('next_check_at', '<=', new Date(at))
        .where('source_name', 'in', [...sourceNames])
        .orderBy('started_at')
        .orderBy('record_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        record: toCdr(row),
        state: row.state === 'unmatched' ? ('unmatched' as const) : ('waiting' as const),
      }));
    },
    candidates: (record, withinMs) => findCandidates(db, record, withinMs),
    settle: async (outcomes) => {
      if (outcomes.length === 0) return;
      await db.transaction().execute(async (trx) => {
        for (const outcome of outcomes) await settleOne(trx, outcome);
      });
    },
    counts: async () => {
      const rows = await db
        .selectFrom('cdr_records')
        .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
        .groupBy('state')
        .execute();
      return countsOf(rows);
    },
  };
}

export function countsOf(
  rows: readonly { readonly state: CdrState; readonly count: number }[],
): Readonly<Record<CdrState, number>> {
  const counts = { waiting: 0, matched: 0, unmatched: 0, excluded: 0 };
  for (const { state, count } of rows) counts[state] += count;
  return counts;
}

/** The call may have been removed a moment ago: then the record is left as it was, and looked at again. */
async function settleOne(trx: Kysely<Schema>, outcome: CdrOutcome): Promise<void> {
  const update = trx.updateTable('cdr_records').where('record_id', '=', outcome.recordId);
  if (outcome.state !== 'matched') {
    await update.set({ state: outcome.state, next_check_at: outcome.nextCheckAt }).execute();
    return;
  }
  await update
    .set({ state: 'matched', call_id: outcome.callId, next_check_at: null })
    .where((eb) =>
      eb.exists(eb.selectFrom('calls').select('call_id').where('call_id', '=', outcome.callId).forKeyShare()),
    )
    .execute();
}

/** In one statement, since PGlite has one backend and a busy PBX many records. */
async function findCandidates(
  db: Kysely<Schema>,
  record: CdrRecord,
  withinMs: number,
): Promise<readonly CdrCandidate[]> {
  const times = [record.startedAt, record.answeredAt].flatMap((at) => (at === null ? [] : Date.parse(at)));
  const from = new Date(Math.min(...times) - withinMs);
  const to = new Date(Math.max(...times) + withinMs);
  const { rows } = await sql<{
    call_id: string;
    by: CdrCandidate['by'];
    claimed: boolean;
    started_at: Date;
    answered_at: Date | null;
    ended_at: Date | null;
    uris: (string | null)[];
  }>`
    with found as (
      select call_id, 'sip-call-id' as by from calls where sip_call_ids && ${sql.val([...record.sipCallIds])}::text[]
      union all
      select call_id, 'group' from cdr_records
        where source_name = ${record.sourceName} and group_id = ${record.groupId} and call_id is not null
      union all
      (select call_id, 'time' from calls where started_at between ${from} and ${to}
        order by started_at limit ${sql.lit(mostCandidates)})
    )
    select calls.call_id, found.by, calls.started_at, calls.answered_at, calls.ended_at,
      exists (select from cdr_records where cdr_records.call_id = calls.call_id) as claimed,
      array(select uri from parties where parties.call_id = calls.call_id order by ordinal) as uris
    from found join calls using (call_id)`.execute(db);
  return rows.map((row) => ({
    callId: row.call_id,
    by: row.by,
    claimed: row.claimed,
    startedAt: row.started_at.toISOString(),
    answeredAt: row.answered_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    uris: row.uris,
  }));
}
