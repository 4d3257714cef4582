import { sql, type Kysely, type Selectable } from 'kysely';
import { severities } from '#analytics/types.ts';
import { decodeCursor, encodeCursor, limitOf, pageOf } from '../paging.ts';
import type { Schema } from '../schema.ts';
import { compileQuery } from '../search/compile.ts';
import type { CallFilter, CallListItem, Page } from '../types.ts';
import { readParties } from './detail.ts';
import { callConditions } from './filters.ts';
import { toCall } from './rows/call.ts';
import { bySide } from './rows/metrics.ts';

/** Place of a finding's severity in `severities`, worst last. */
const severityRank = sql`array_position(array[${sql.join(severities.map((name) => sql.lit(name)))}], severity) - 1`;

/** Newest first. Each filter is an `exists` over the call's own rows. */
export async function listCalls(db: Kysely<Schema>, filter: CallFilter): Promise<Page<CallListItem>> {
  const limit = limitOf(filter);
  const after = decodeCursor(filter.after);
  const text = filter.text === undefined ? undefined : await compileQuery(db, filter.text);
  if (filter.text !== undefined && text === undefined) return { items: [], next: null };

  const rows = await db
    .selectFrom('calls')
    .selectAll()
    .select((eb) => [
      eb
        .selectFrom('findings')
        .whereRef('findings.call_id', '=', 'calls.call_id')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .as('finding_count'),
      eb
        .selectFrom('findings')
        .whereRef('findings.call_id', '=', 'calls.call_id')
        .select(sql<number | null>`max(${severityRank})`.as('worst'))
        .as('worst_rank'),
      eb
        .selectFrom('utterances')
        .whereRef('utterances.call_id', '=', 'calls.call_id')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .as('utterance_count'),
      eb
        .exists(
          eb
            .selectFrom('recordings')
            .whereRef('recordings.call_id', '=', 'calls.call_id')
            .where('path', 'is not', null)
            .select('recordings.call_id'),
        )
        .as('has_recording'),
    ])
    .where((eb) => eb.and([...callConditions(eb, filter, text)]))
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('started_at', 'call_id'), '<', eb.tuple(new Date(after?.at ?? 0), after?.id ?? '')),
      ),
    )
    .orderBy('started_at', 'desc')
    .orderBy('call_id', 'desc')
    .limit(limit + 1)
    .execute();

  const ids = rows.map((row) => row.call_id);
  const parties = await readParties(db, ids);
  const sides = await sidesOf(db, ids);
  return pageOf(
    rows,
    limit,
    (row) => {
      const own = sides.get(row.call_id);
      return {
        call: toCall(row, parties.get(row.call_id) ?? []),
        findings: row.finding_count ?? 0,
        worstSeverity: severities[row.worst_rank ?? -1] ?? null,
        sentiment: own === undefined ? null : bySide(own, (side) => side.sentiment_utterances_mean),
        utterances: row.utterance_count ?? 0,
        hasRecording: Boolean(row.has_recording),
      };
    },
    (row) => encodeCursor({ at: row.started_at.toISOString(), id: row.call_id }),
  );
}

type SideMetrics = Selectable<Schema['call_side_metrics']>;

async function sidesOf(
  db: Kysely<Schema>,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SideMetrics[]>> {
  if (callIds.length === 0) return new Map();
  const rows = await db.selectFrom('call_side_metrics').selectAll().where('call_id', 'in', callIds).execute();
  return Map.groupBy(rows, (row) => row.call_id);
}
