import { sql, type Kysely } from 'kysely';
import { readParties } from '../calls/detail.ts';
import { toParties } from '../calls/rows/party.ts';
import { toUtterance, utteranceColumns } from '../calls/rows/utterance.ts';
import { checkTime, decodeCursor, encodeCursor, limitOf, pageOf } from '../paging.ts';
import type { Schema } from '../schema.ts';
import type { Page, SearchHit, SearchQuery } from '../types.ts';
import { compileQuery, type CompiledQuery } from './compile.ts';
import { highlightsOf, joinRanges, markedText } from './highlights.ts';
import { rangesInText } from './spoken-text.ts';

const empty: Page<SearchHit> = { items: [], next: null };
/** Ranking reads every candidate: only the newest so many are looked at. */
const rankedMatches = 2_000;

/** Finds utterances. A phrase never crosses from one utterance to the next. */
export async function searchUtterances(db: Kysely<Schema>, query: SearchQuery): Promise<Page<SearchHit>> {
  const limit = limitOf(query);
  const after = decodeCursor(query.after);
  const compiled = await compileQuery(db, query.q);
  if (compiled === undefined) return empty;
  const ranked = query.order === 'relevance';

  let matching = db
    .selectFrom('utterances')
    .select(['utterances.utterance_id', 'utterances.said_at'])
    .select((ranked ? rank(compiled) : sql<number>`0`).as('rank'))
    .where(compiled.matches);
  if (query.side !== undefined) matching = matching.where('side', '=', query.side);
  const { speaker } = query;
  if (speaker !== undefined)
    matching = matching.where(({ fn }) => sql`${fn('lower', ['speaker'])} = lower(${speaker})`);
  if (query.callId !== undefined) matching = matching.where('call_id', '=', query.callId);
  if (query.from !== undefined) matching = matching.where('said_at', '>=', new Date(checkTime(query.from, 'from')));
  if (query.to !== undefined) matching = matching.where('said_at', '<', new Date(checkTime(query.to, 'to')));
  if (after !== undefined && !ranked)
    matching = matching.where((eb) =>
      eb(eb.refTuple('said_at', 'utterance_id'), '<', eb.tuple(new Date(after.at), after.id)),
    );
  const newest = matching
    .orderBy('said_at', 'desc')
    .orderBy('utterance_id', 'desc')
    .limit(ranked ? rankedMatches : limit + 1);

  // Marking costs more than finding: only what is shown is marked.
  const rows = await db
    .with('matched', () => newest)
    .with('page', (cte) =>
      cte
        .selectFrom('matched')
        .selectAll()
        .$if(ranked, (page) => page.orderBy('rank', 'desc'))
        .orderBy('said_at', 'desc')
        .orderBy('utterance_id', 'desc')
        .limit(ranked ? limit : limit + 1),
    )
    .selectFrom('page')
    .innerJoin('utterances', 'utterances.utterance_id', 'page.utterance_id')
    .innerJoin('calls', 'calls.call_id', 'utterances.call_id')
    .select(utteranceColumns)
    .select('calls.started_at')
    .select(markedText('english', compiled.englishHighlight).as('marked_english'))
    .select(markedText('simple', compiled.simpleHighlight).as('marked_simple'))
    .select('utterances.spoken')
    .select(markedText('english', compiled.englishHighlight, 'spoken').as('spoken_english'))
    .select(markedText('simple', compiled.simpleHighlight, 'spoken').as('spoken_simple'))
    .$if(ranked, (page) => page.orderBy('page.rank', 'desc'))
    .orderBy('page.said_at', 'desc')
    .orderBy('page.utterance_id', 'desc')
    .execute();
  const parties = await readParties(db, [...new Set(rows.map((row) => row.call_id))]);
  return pageOf(
    rows,
    limit,
    (row) => ({
      utterance: toUtterance(row),
      saidAt: row.said_at.toISOString(),
      callStartedAt: row.started_at.toISOString(),
      parties: toParties(parties.get(row.call_id) ?? []),
      highlights: joinRanges([
        ...highlightsOf(row.text, [row.marked_english, row.marked_simple]),
        ...rangesInText(row, highlightsOf(row.spoken ?? '', [row.spoken_english, row.spoken_simple])),
      ]),
    }),
    (row) => encodeCursor({ at: row.said_at.toISOString(), id: row.utterance_id }),
  );
}

/** An utterance that is written otherwise than it was said ranks by the form that fits better. */
function rank({ englishHighlight, simpleHighlight }: CompiledQuery) {
  const by = (vector: 'english' | 'simple', query: string | null) =>
    query === null
      ? sql`0`
      : sql`greatest(
          ts_rank(${sql.ref(`search_${vector}`)}, ${query}::tsquery),
          ts_rank(to_tsvector(${sql.lit(vector)}::regconfig, coalesce(spoken, '')), ${query}::tsquery))`;
  return sql<number>`${by('english', englishHighlight)} + ${by('simple', simpleHighlight)}`;
}
