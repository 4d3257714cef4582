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

/** Answered from the index calls_assurance alone, once the table has been vacuumed. */
async function tallyCalls(
  db: Kysely<Schema>,
  { from, to }: Period,
  timeZone: string,
): Promise<readonly AssuranceTally[]> {
  const rows = await db
    .selectFrom('calls')
    .select([
      'source',
      'source_name',
      'completeness',
      'assurance_reason',
      sql<string>`to_char(started_at at time zone ${timeZone}, 'YYYY-MM-DD')`.as('day'),
      (eb) => eb.fn.countAll<number>().as('count'),
    ])
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    // By place: a parameter in an expression is another one each time, as far as Postgres can tell.
    .groupBy(sql`1, 2, 3, 4, 5`)
    .execute();
  return rows.map((row) => ({
    source: row.source,
    sourceName: row.source_name,
    day: row.day,
    verdict: row.completeness,
    reason: row.assurance_reason,
    count: row.count,
  }));
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
