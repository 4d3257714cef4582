import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import { severities } from '#analytics/types.ts';
import { checkTime } from '../paging.ts';
import type { Schema } from '../schema.ts';
import { storableText } from '../storable.ts';
import type { CompiledQuery } from '../search/compile.ts';
import type { CallFilter } from '../types.ts';

const negativeAtMost = -0.5;
const positiveAtLeast = 0.5;

type InCalls = ExpressionBuilder<Schema, 'calls'>;

/**
 * What a call must be for the filter, all of it; `text` is the filter's own, compiled.
 * @throws SidetoneError `bad-request`
 */
export function callConditions(
  eb: InCalls,
  filter: CallFilter,
  text: CompiledQuery | undefined,
): readonly Expression<SqlBool>[] {
  const { from, to, state, source, sourceName, completeness, sipCallId, party, rule, minSeverity, sentiment } = filter;
  const conditions: Expression<SqlBool>[] = [];
  if (from !== undefined) conditions.push(eb('started_at', '>=', new Date(checkTime(from, 'from'))));
  if (to !== undefined) conditions.push(eb('started_at', '<', new Date(checkTime(to, 'to'))));
  if (state !== undefined) conditions.push(eb('state', '=', state));
  if (source !== undefined) conditions.push(eb('source', '=', source));
  if (sourceName !== undefined) conditions.push(eb('source_name', '=', storableText(sourceName)));
  if (completeness !== undefined) conditions.push(eb('completeness', '=', completeness));
  if (sipCallId !== undefined) conditions.push(sql`sip_call_ids @> array[${storableText(sipCallId)}]`);
  if (party !== undefined) conditions.push(withParty(eb, filter));
  if (rule !== undefined || minSeverity !== undefined) conditions.push(withFinding(eb, filter));
  if (sentiment !== undefined) conditions.push(withSentiment(eb, filter));
  if (text !== undefined || (filter.side !== undefined && !narrows(filter)))
    conditions.push(withUtterance(eb, filter, text));
  return conditions;
}

/** By itself, `side` means that the side said something. */
function narrows(filter: CallFilter): boolean {
  const { party, rule, minSeverity, sentiment } = filter;
  return [party, rule, minSeverity, sentiment].some((each) => each !== undefined);
}

function withParty(eb: InCalls, { party = '', side }: CallFilter): Expression<SqlBool> {
  const pattern = `%${storableText(party).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  let found = eb
    .selectFrom('parties')
    .whereRef('parties.call_id', '=', 'calls.call_id')
    .where((inner) => inner.or([inner('uri', 'ilike', pattern), inner('display_name', 'ilike', pattern)]))
    .select('parties.call_id');
  if (side !== undefined) found = found.where('side', '=', side);
  return eb.exists(found);
}

function withFinding(eb: InCalls, { rule, minSeverity, side }: CallFilter): Expression<SqlBool> {
  let found = eb.selectFrom('findings').whereRef('findings.call_id', '=', 'calls.call_id').select('findings.call_id');
  if (rule !== undefined) found = found.where('rule_id', '=', storableText(rule));
  if (side !== undefined) found = found.where('side', '=', side);
  if (minSeverity !== undefined)
    found = found.where('severity', 'in', severities.slice(severities.indexOf(minSeverity)));
  return eb.exists(found);
}

function withSentiment(eb: InCalls, { sentiment, side }: CallFilter): Expression<SqlBool> {
  let found = eb
    .selectFrom('call_side_metrics')
    .whereRef('call_side_metrics.call_id', '=', 'calls.call_id')
    .select('call_side_metrics.call_id');
  if (side !== undefined) found = found.where('side', '=', side);
  const mean = 'sentiment_utterances_mean';
  if (sentiment === 'negative') found = found.where(mean, '<=', negativeAtMost);
  else if (sentiment === 'positive') found = found.where(mean, '>=', positiveAtLeast);
  else found = found.where(mean, '>', negativeAtMost).where(mean, '<', positiveAtLeast);
  return eb.exists(found);
}

function withUtterance(eb: InCalls, { side }: CallFilter, text: CompiledQuery | undefined): Expression<SqlBool> {
  let said = eb
    .selectFrom('utterances')
    .whereRef('utterances.call_id', '=', 'calls.call_id')
    .select('utterances.call_id');
  if (side !== undefined) said = said.where('side', '=', side);
  if (text !== undefined) said = said.where(text.matches);
  return eb.exists(said);
}
