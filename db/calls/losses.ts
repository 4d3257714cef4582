import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Call } from '#analytics/types.ts';
import type { Schema } from '../schema.ts';

/**
 * A call that lost rows is not complete, whatever is written of it later: `completeness` and `assurance` of its row say
 * so from then on. What is worse than `partial`, or was not to be kept, stays as it is.
 */
const lostRows = { verdict: 'partial', reason: 'rows-lost' };

/** Tells the rows of calls how many ops the journal had no room for. @returns the losses of calls that have no row yet */
export async function storeLosses(
  db: Kysely<Schema>,
  losses: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const told = await sql<{ call_id: string }>`
    update calls set
      lost_ops = lost_ops + loss.ops,
      completeness = ${lessened(sql`completeness`)},
      assurance = ${lessenedAssurance(sql`assurance`)}
    from unnest(${[...losses.keys()]}::text[], ${[...losses.values()]}::integer[]) as loss(call_id, ops)
    where calls.call_id = loss.call_id
    returning calls.call_id`.execute(db);
  const found = new Set(told.rows.map((row) => row.call_id));
  return new Map([...losses].filter(([callId]) => !found.has(callId)));
}

/** For an upsert of calls: what two of the columns become. */
export const heedingLosses = {
  completeness: sql<Call['completeness']>`case when calls.lost_ops > 0
    then ${lessened(sql`excluded.completeness`)} else excluded.completeness end`,
  assurance: sql<string | null>`case when calls.lost_ops > 0
    then ${lessenedAssurance(sql`excluded.assurance`)} else excluded.assurance end`,
};

function lessened(completeness: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${completeness} in ('complete', 'pending') then 'partial' else ${completeness} end`;
}

function lessenedAssurance(assurance: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${assurance} ->> 'verdict' = 'complete'
    then ${assurance} || ${sql.lit(JSON.stringify(lostRows))}::jsonb else ${assurance} end`;
}
