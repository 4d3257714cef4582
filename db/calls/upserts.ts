import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Call, CallMetrics, Finding, Redaction, Utterance } from '#analytics/types.ts';
import type { RecordingReport } from '#media/types.ts';
import type { Schema } from '../schema.ts';
import { heedingLosses } from './losses.ts';
import { callRow } from './rows/call.ts';
import { findingRow } from './rows/finding.ts';
import { metricsRow, sideMetricsRows } from './rows/metrics.ts';
import { partyRow } from './rows/party.ts';
import { recordingRow } from './rows/recording.ts';
import { redactionRow } from './rows/redaction.ts';
import { utteranceRow } from './rows/utterance.ts';

/** One statement or two a table; each may be given nothing, and each thing once. */

/** A call gone back from `ended` changes nothing. */
export async function storeCalls(trx: Transaction<Schema>, calls: readonly Call[], owner: string): Promise<void> {
  if (calls.length === 0) return;
  const rows = calls.map((call) => callRow(call, owner));
  const written = await trx
    .insertInto('calls')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('call_id')
        .doUpdateSet({ ...excluded(rows[0], ['call_id', 'owner']), ...heedingLosses })
        .where((eb) => eb.or([eb('calls.state', '<>', 'ended'), eb('excluded.state', '=', 'ended')])),
    )
    .returning('call_id')
    .execute();
  const ids = new Set(written.map((row) => row.call_id));
  await storeParties(
    trx,
    calls.filter(({ callId }) => ids.has(callId)),
  );
}

/** The calls' lists, whole: who is in them no more goes. */
export async function storeParties(
  trx: Transaction<Schema>,
  calls: readonly Pick<Call, 'callId' | 'parties'>[],
): Promise<void> {
  if (calls.length === 0) return;
  const parties = calls.flatMap((call) => call.parties.map((party, index) => partyRow(call.callId, party, index)));
  await sql`
    delete from parties
    where call_id = any(${calls.map(({ callId }) => callId)}::text[]) and (call_id, party_id) not in (
      select * from unnest(
        ${parties.map((party) => party.call_id)}::text[],
        ${parties.map((party) => party.party_id)}::text[]))`.execute(trx);
  if (parties.length === 0) return;
  await trx
    .insertInto('parties')
    .values(parties)
    .onConflict((conflict) =>
      conflict.columns(['call_id', 'party_id']).doUpdateSet(excluded(parties[0], ['call_id', 'party_id'])),
    )
    .execute();
}

/**
 * Of stored ones replaces those of a lower revision, or all of them.
 * @param replaced the ids of those whose former text must be nowhere, or `all`: replace whatever is there
 * @returns true when such a text was replaced: of all, the caller knows
 */
export async function storeUtterances(
  trx: Transaction<Schema>,
  utterances: readonly Utterance[],
  replaced: ReadonlySet<string> | 'all',
): Promise<boolean> {
  if (utterances.length === 0) return false;
  const dirty = replaced !== 'all' && (await replacesText(trx, utterances, replaced));
  const rows = utterances.map((utterance) => ({
    ...utteranceRow(utterance),
    said_at: sql<string>`(select coalesce(media_started_at, started_at) from calls where call_id = ${utterance.callId})
      + ${Math.round(utterance.startMs)} * interval '1 millisecond'`,
  }));
  await trx
    .insertInto('utterances')
    .values(rows)
    .onConflict((conflict) => {
      const update = conflict.column('utterance_id').doUpdateSet(excluded(rows[0], ['utterance_id', 'call_id']));
      return replaced === 'all' ? update : update.whereRef('excluded.revision', '>', 'utterances.revision');
    })
    .execute();
  return dirty;
}

/** Is the text of one of these stored rows about to change? That a turn is parted between its speakers is nothing to wipe. */
async function replacesText(
  trx: Transaction<Schema>,
  utterances: readonly Utterance[],
  ids: ReadonlySet<string>,
): Promise<boolean> {
  const rewritten = new Map(
    utterances.filter((each) => ids.has(each.utteranceId)).map((utterance) => [utterance.utteranceId, utterance]),
  );
  if (rewritten.size === 0) return false;
  const stored = await trx
    .selectFrom('utterances')
    .select(['utterance_id', 'revision', 'text'])
    .where('utterance_id', 'in', [...rewritten.keys()])
    .execute();
  return stored.some((row) => {
    const next = rewritten.get(row.utterance_id);
    return next !== undefined && next.revision > row.revision && next.text !== row.text;
  });
}

/** @returns true when evidence was replaced */
export async function storeFindings(trx: Transaction<Schema>, findings: readonly Finding[]): Promise<boolean> {
  if (findings.length === 0) return false;
  const rows = findings.map(findingRow);
  const evidence = new Map(findings.map((finding) => [finding.findingId, finding.evidence]));
  const stored = await trx
    .selectFrom('findings')
    .select(['finding_id', 'evidence'])
    .where('finding_id', 'in', [...evidence.keys()])
    .execute();
  await trx
    .insertInto('findings')
    .values(rows)
    .onConflict((conflict) => conflict.column('finding_id').doUpdateSet(excluded(rows[0], ['finding_id', 'call_id'])))
    .execute();
  return stored.some((row) => evidence.get(row.finding_id) !== row.evidence);
}

export async function storeRedactions(trx: Transaction<Schema>, redactions: readonly Redaction[]): Promise<void> {
  const rows = redactions.map(redactionRow);
  if (rows.length === 0) return;
  await trx
    .insertInto('redactions')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('redaction_id').doUpdateSet(excluded(rows[0], ['redaction_id', 'call_id'])),
    )
    .execute();
}

/** All figures of the calls: sides that have none any more go. */
export async function storeMetrics(trx: Transaction<Schema>, metrics: readonly CallMetrics[]): Promise<void> {
  if (metrics.length === 0) return;
  const rows = metrics.map(metricsRow);
  await trx
    .insertInto('call_metrics')
    .values(rows)
    .onConflict((conflict) => conflict.column('call_id').doUpdateSet(excluded(rows[0], ['call_id'])))
    .execute();
  const ids = metrics.map(({ callId }) => callId);
  await trx.deleteFrom('call_side_metrics').where('call_id', 'in', ids).execute();
  const sides = metrics.flatMap(sideMetricsRows);
  if (sides.length > 0) await trx.insertInto('call_side_metrics').values(sides).execute();
}

export async function storeRecordings(
  trx: Transaction<Schema>,
  recordings: ReadonlyMap<string, RecordingReport>,
): Promise<void> {
  const rows = [...recordings].map(([callId, recording]) => recordingRow(callId, recording));
  if (rows.length === 0) return;
  await trx
    .insertInto('recordings')
    .values(rows)
    .onConflict((conflict) => conflict.column('call_id').doUpdateSet(excluded(rows[0], ['call_id'])))
    .execute();
}

/** `set column = excluded.column` for every column of the rows but their keys. */
function excluded(row: object | undefined, keys: readonly string[]): Readonly<Record<string, RawBuilder<unknown>>> {
  const columns = Object.keys(row ?? {}).filter((column) => !keys.includes(column));
  return Object.fromEntries(columns.map((column) => [column, sql`${sql.ref(`excluded.${column}`)}`]));
}
