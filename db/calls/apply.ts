import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { Call, CallMetrics, Finding, Redaction, StoreOp, Utterance } from '#analytics/types.ts';
import { unreachable } from '#lib/errors.ts';
import type { RecordingReport } from '#media/types.ts';
import type { Schema } from '../schema.ts';
import { markForCleaning } from './cleaning.ts';
import { metricsRow } from './metrics-row.ts';
import { callRow, findingRow, partyRow, recordingRow, redactionRow, utteranceRow } from './rows.ts';

/**
 * Stores a batch of ops in one transaction, a statement a table. Within a batch the last word on a thing wins; across
 * batches every write is an upsert, so that a batch applied twice is applied once: an utterance of a lower revision and
 * a call gone back from `ended` change nothing.
 * @returns true when text was replaced, so that the pages that held it must be cleaned
 */
export async function applyOps(db: Kysely<Schema>, ops: readonly StoreOp[], owner: string): Promise<boolean> {
  const batch = sortOut(ops);
  return db.transaction().execute(async (trx) => {
    await storeCalls(trx, [...batch.calls.values()], owner);
    const dirtyUtterances = await storeUtterances(trx, [...batch.utterances.values()]);
    const dirtyFindings = await storeFindings(trx, [...batch.findings.values()]);
    await storeRest(trx, batch);
    if (dirtyUtterances) await markForCleaning(trx, 'utterances');
    if (dirtyFindings) await markForCleaning(trx, 'findings');
    return dirtyUtterances || dirtyFindings;
  });
}

interface Batch {
  readonly calls: Map<string, Call>;
  readonly utterances: Map<string, Utterance>;
  readonly findings: Map<string, Finding>;
  readonly redactions: Map<string, Redaction>;
  readonly metrics: Map<string, CallMetrics>;
  readonly recordings: Map<string, RecordingReport>;
}

function sortOut(ops: readonly StoreOp[]): Batch {
  const batch: Batch = {
    calls: new Map(),
    utterances: new Map(),
    findings: new Map(),
    redactions: new Map(),
    metrics: new Map(),
    recordings: new Map(),
  };
  for (const op of ops) {
    switch (op.op) {
      case 'call':
        batch.calls.set(op.call.callId, op.call);
        break;
      case 'utterance':
      case 'rewrite-utterance': {
        const known = batch.utterances.get(op.utterance.utteranceId);
        if (known === undefined || known.revision <= op.utterance.revision)
          batch.utterances.set(op.utterance.utteranceId, op.utterance);
        break;
      }
      case 'finding':
        batch.findings.set(op.finding.findingId, op.finding);
        break;
      case 'redaction':
        batch.redactions.set(op.redaction.redactionId, op.redaction);
        break;
      case 'metrics':
        batch.metrics.set(op.metrics.callId, op.metrics);
        break;
      case 'recording':
        batch.recordings.set(op.callId, op.recording);
        break;
      default:
        unreachable(op);
    }
  }
  return batch;
}

async function storeCalls(trx: Transaction<Schema>, calls: readonly Call[], owner: string): Promise<void> {
  if (calls.length === 0) return;
  const rows = calls.map((call) => callRow(call, owner));
  await trx
    .insertInto('calls')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('call_id')
        .doUpdateSet(excluded(rows[0], ['call_id', 'owner']))
        .where((eb) => eb.or([eb('calls.state', '<>', 'ended'), eb('excluded.state', '=', 'ended')])),
    )
    .execute();
  const parties = calls.flatMap((call) => call.parties.map((party, index) => partyRow(call.callId, party, index)));
  if (parties.length === 0) return;
  await trx
    .insertInto('parties')
    .values(parties)
    .onConflict((conflict) =>
      conflict.columns(['call_id', 'party_id']).doUpdateSet(excluded(parties[0], ['call_id', 'party_id'])),
    )
    .execute();
}

async function storeUtterances(trx: Transaction<Schema>, utterances: readonly Utterance[]): Promise<boolean> {
  if (utterances.length === 0) return false;
  const dirty = await replacesText(trx, utterances);
  const rows = utterances.map((utterance) => ({
    ...utteranceRow(utterance),
    said_at: sql<string>`(select coalesce(media_started_at, started_at) from calls where call_id = ${utterance.callId})
      + ${Math.round(utterance.startMs)} * interval '1 millisecond'`,
  }));
  await trx
    .insertInto('utterances')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('utterance_id')
        .doUpdateSet(excluded(rows[0], ['utterance_id', 'call_id']))
        .whereRef('excluded.revision', '>', 'utterances.revision'),
    )
    .execute();
  return dirty;
}

/** Is the text of a stored row about to change? First revisions have no row before them. */
async function replacesText(trx: Transaction<Schema>, utterances: readonly Utterance[]): Promise<boolean> {
  const rewritten = new Map(
    utterances.filter((each) => each.revision > 1).map((utterance) => [utterance.utteranceId, utterance]),
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

async function storeFindings(trx: Transaction<Schema>, findings: readonly Finding[]): Promise<boolean> {
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

async function storeRest(trx: Transaction<Schema>, batch: Batch): Promise<void> {
  const redactions = [...batch.redactions.values()].map(redactionRow);
  if (redactions.length > 0)
    await trx
      .insertInto('redactions')
      .values(redactions)
      .onConflict((conflict) =>
        conflict.column('redaction_id').doUpdateSet(excluded(redactions[0], ['redaction_id', 'call_id'])),
      )
      .execute();
  const metrics = [...batch.metrics.values()].map(metricsRow);
  if (metrics.length > 0)
    await trx
      .insertInto('call_metrics')
      .values(metrics)
      .onConflict((conflict) => conflict.column('call_id').doUpdateSet(excluded(metrics[0], ['call_id'])))
      .execute();
  const recordings = [...batch.recordings].map(([callId, recording]) => recordingRow(callId, recording));
  if (recordings.length > 0)
    await trx
      .insertInto('recordings')
      .values(recordings)
      .onConflict((conflict) => conflict.column('call_id').doUpdateSet(excluded(recordings[0], ['call_id'])))
      .execute();
}

/** `set column = excluded.column` for every column of the rows but their keys. */
function excluded(row: object | undefined, keys: readonly string[]): Readonly<Record<string, RawBuilder<unknown>>> {
  const columns = Object.keys(row ?? {}).filter((column) => !keys.includes(column));
  return Object.fromEntries(columns.map((column) => [column, sql`${sql.ref(`excluded.${column}`)}`]));
}
