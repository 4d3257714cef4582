import { sql, type ExpressionBuilder, type Kysely } from 'kysely';
import { severities } from '#analytics/types.ts';
import { talkSides } from '#sip/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import { checkTime, decodeCursor, encodeCursor, limitOf, pageOf } from '../paging.ts';
import type { Schema } from '../schema.ts';
import { compileQuery } from '../search/compile.ts';
import type { CallFilter, CallListItem, Page } from '../types.ts';
import { toCall } from './rows.ts';

const negativeAtMost = -0.5;
const positiveAtLeast = 0.5;

/** Newest first. Each filter is an `exists` over the call's own rows. */
export async function listCalls(db: Kysely<Schema>, filter: CallFilter): Promise<Page<CallListItem>> {
  const limit = limitOf(filter);
  const after = decodeCursor(filter.after);
  const text = filter.text === undefined ? undefined : await compileQuery(db, filter.text);
  if (filter.text !== undefined && text === undefined) return { items: [], next: null };

  let query = db
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
    ]);
  if (filter.from !== undefined) query = query.where('started_at', '>=', new Date(checkTime(filter.from, 'from')));
  if (filter.to !== undefined) query = query.where('started_at', '<', new Date(checkTime(filter.to, 'to')));
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.sipCallId !== undefined)
    query = query.where(sql<boolean>`sip_call_ids @> array[${filter.sipCallId.replaceAll('\0', '')}]`);
  if (filter.party !== undefined) query = query.where((eb) => withParty(eb, filter));
  if (filter.rule !== undefined || filter.minSeverity !== undefined)
    query = query.where((eb) => withFinding(eb, filter));
  if (filter.sentiment !== undefined) query = query.where((eb) => withSentiment(eb, filter));
  if (text !== undefined || (filter.side !== undefined && !narrows(filter)))
    query = query.where((eb) => {
      let said = eb
        .selectFrom('utterances')
        .whereRef('utterances.call_id', '=', 'calls.call_id')
        .select('utterances.call_id');
      if (filter.side !== undefined) said = said.where('side', '=', filter.side);
      if (text !== undefined) said = said.where(text.matches);
      return eb.exists(said);
    });
  if (after !== undefined)
    query = query.where((eb) => eb(eb.refTuple('started_at', 'call_id'), '<', eb.tuple(new Date(after.at), after.id)));
  const rows = await query
    .orderBy('started_at', 'desc')
    .orderBy('call_id', 'desc')
    .limit(limit + 1)
    .execute();

  const ids = rows.map((row) => row.call_id);
  const parties =
    ids.length === 0 ? [] : await db.selectFrom('parties').selectAll().where('call_id', 'in', ids).execute();
  const metrics =
    ids.length === 0
      ? []
      : await db
          .selectFrom('call_metrics')
          .select(['call_id', 'sentiment_utterances_mean_caller', 'sentiment_utterances_mean_callee'])
          .where('call_id', 'in', ids)
          .execute();
  return pageOf(
    rows,
    limit,
    (row) => {
      const own = metrics.find((each) => each.call_id === row.call_id);
      return {
        call: toCall(
          row,
          parties.filter((party) => party.call_id === row.call_id),
        ),
        findings: row.finding_count ?? 0,
        worstSeverity: severities[row.worst_rank ?? -1] ?? null,
        sentiment:
          own === undefined
            ? null
            : { caller: own.sentiment_utterances_mean_caller, callee: own.sentiment_utterances_mean_callee },
        utterances: row.utterance_count ?? 0,
        hasRecording: Boolean(row.has_recording),
      };
    },
    (row) => encodeCursor({ at: row.started_at.toISOString(), id: row.call_id }),
  );
}

type InCalls = ExpressionBuilder<Schema, 'calls'>;

/** Place of a finding's severity in `severities`, worst last. */
const severityRank = sql`array_position(array[${sql.join(severities.map((name) => sql.lit(name)))}], severity) - 1`;

/** By itself, `side` means that the side said something. */
function narrows(filter: CallFilter): boolean {
  const { party, rule, minSeverity, sentiment } = filter;
  return [party, rule, minSeverity, sentiment].some((each) => each !== undefined);
}

function withParty(eb: InCalls, { party = '', side }: CallFilter) {
  const pattern = `%${party.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('\0', '')}%`;
  let found = eb
    .selectFrom('parties')
    .whereRef('parties.call_id', '=', 'calls.call_id')
    .where((inner) => inner.or([inner('uri', 'ilike', pattern), inner('display_name', 'ilike', pattern)]))
    .select('parties.call_id');
  if (side !== undefined) found = found.where('side', '=', side);
  return eb.exists(found);
}

function withFinding(eb: InCalls, { rule, minSeverity, side }: CallFilter) {
  let found = eb.selectFrom('findings').whereRef('findings.call_id', '=', 'calls.call_id').select('findings.call_id');
  if (rule !== undefined) found = found.where('rule_id', '=', rule);
  if (side !== undefined) found = found.where('side', '=', side);
  if (minSeverity !== undefined)
    found = found.where('severity', 'in', severities.slice(severities.indexOf(minSeverity)));
  return eb.exists(found);
}

function withSentiment(eb: InCalls, { sentiment, side }: CallFilter) {
  const sides = talkSides.filter((each) => side === undefined || each === side);
  if (sides.length === 0) throw new SidetoneError('bad-request', 'sentiment is of the caller or the callee');
  return eb.exists(
    eb
      .selectFrom('call_metrics')
      .whereRef('call_metrics.call_id', '=', 'calls.call_id')
      .select('call_metrics.call_id')
      .where((inner) =>
        inner.or(
          sides.map((each) => {
            const mean = `sentiment_utterances_mean_${each}` as const;
            if (sentiment === 'negative') return inner(mean, '<=', negativeAtMost);
            if (sentiment === 'positive') return inner(mean, '>=', positiveAtLeast);
            return inner.and([inner(mean, '>', negativeAtMost), inner(mean, '<', positiveAtLeast)]);
          }),
        ),
      ),
  );
}
