import { sql, type Kysely } from 'kysely';
import { SidetoneError } from '#lib/errors.ts';
import { checkTime, decodeCursor, encodeCursor, limitOf, pageOf } from '../paging.ts';
import type { Schema } from '../schema.ts';
import type { AssuranceQuery, AssuranceReader, CdrReport, FlaggedCall, Page } from '../types.ts';
import { toCdr } from './cdr-rows.ts';
import { countsOf } from './cdrs.ts';
import { countCalls, countSources, type AssuranceTally } from './counting.ts';

const mostUnmatched = 100;
const mostFiles = 100;

interface Period {
  readonly from: Date;
  readonly to: Date;
}

export function createAssuranceReader(db: Kysely<Schema>): AssuranceReader {
  return {
    report: async (query) => {
      const period = { from: new Date(checkTime(query.from, 'from')), to: new Date(checkTime(query.to, 'to')) };
      checkTimeZone(query.timeZone);
      // One after the other: PGlite has one backend.
      const tallies = await tallyCalls(db, period, query.timeZone);
      const flagged = await listFlagged(db, period, query);
      const cdrs = await reportCdrs(db, period);
      return { ...countCalls(tallies), sources: countSources(tallies), flagged, cdrs };
    },
  };
}

/**
 * Answered from the index calls_assurance alone, once the table has been vacuumed. Day by day: the groups of one day are few,
 * and Postgres knows it; over all days it would sort every call.
 */
async function tallyCalls(
  db: Kysely<Schema>,
  { from, to }: Period,
  timeZone: string,
): Promise<readonly AssuranceTally[]> {
  const { rows } = await sql<AssuranceTally>`
    with period as (
      select greatest(${from}::timestamptz, min(started_at)) as first, least(${to}::timestamptz, max(started_at)) as last
      from calls
    ), days as (
      select midnight, midnight at time zone ${timeZone} as begins,
        (midnight + interval '1 day') at time zone ${timeZone} as ends
      from period, generate_series(
        date_trunc('day', first at time zone ${timeZone}), last at time zone ${timeZone}, interval '1 day') as midnight
    )
    select to_char(midnight, 'YYYY-MM-DD') as day, source, source_name as "sourceName",
      completeness as verdict, assurance_reason as reason, count
    from days cross join lateral (
      select source, source_name, completeness, assurance_reason, count(*) as count
      from calls
      where started_at >= greatest(begins, ${from}) and started_at < least(ends, ${to})
      group by source, source_name, completeness, assurance_reason
    ) as tallies`.execute(db);
  return rows;
}

async function listFlagged(
  db: Kysely<Schema>,
  { from, to }: Period,
  query: AssuranceQuery,
): Promise<Page<FlaggedCall>> {
  const limit = limitOf(query);
  const after = decodeCursor(query.after);
  const rows = await db
    .selectFrom('calls')
    .select(['call_id', 'started_at', 'source', 'source_name', 'duration_ms', 'completeness', 'assurance_reason'])
    .where(sql<boolean>`completeness in ('partial', 'missing')`)
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .$if(after !== undefined, (some) =>
      some.where((eb) =>
        eb(eb.refTuple('started_at', 'call_id'), '<', eb.tuple(new Date(after?.at ?? 0), after?.id ?? '')),
      ),
    )
    .orderBy('started_at', 'desc')
    .orderBy('call_id', 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(
    rows,
    limit,
    (row) => ({
      callId: row.call_id,
      startedAt: row.started_at.toISOString(),
      source: row.source,
      sourceName: row.source_name,
      durationMs: row.duration_ms,
      verdict: row.completeness === 'missing' ? 'missing' : 'partial',
      reason: row.assurance_reason,
    }),
    (row) => encodeCursor({ at: row.started_at.toISOString(), id: row.call_id }),
  );
}

async function reportCdrs(db: Kysely<Schema>, { from, to }: Period): Promise<CdrReport> {
  const states = await db
    .selectFrom('cdr_records')
    .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .groupBy('state')
    .execute();
  const unmatched = await db
    .selectFrom('cdr_records')
    .selectAll()
    .where(sql<boolean>`state = 'unmatched'`)
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .orderBy('started_at', 'desc')
    .orderBy('record_id', 'desc')
    .limit(mostUnmatched)
    .execute();
  const files = await db.selectFrom('cdr_files').selectAll().orderBy('read_at', 'desc').limit(mostFiles).execute();
  const counts = countsOf(states);
  return {
    total: counts.waiting + counts.matched + counts.unmatched + counts.excluded,
    counts,
    unmatched: unmatched.map(toCdr),
    files: files.map((row) => ({
      path: row.path,
      sourceName: row.source_name,
      lines: row.lines,
      badLines: row.bad_lines,
      lastBadLine: row.last_bad_line,
      lastBadProblem: row.last_bad_problem,
      readAt: row.read_at.toISOString(),
    })),
  };
}

/** By name: Postgres reads an offset the other way round. */
function checkTimeZone(timeZone: string): void {
  try {
    if (!/^[A-Z]/i.test(timeZone)) throw new RangeError('an offset');
    new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions();
  } catch {
    throw new SidetoneError('bad-request', 'timeZone is not the name of a time zone, such as Europe/Berlin');
  }
}
