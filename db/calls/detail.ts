import type { Kysely, Selectable } from 'kysely';
import type { CallMetrics, EarlierText, Finding, Utterance } from '#analytics/types.ts';
import type { RecordingReport } from '#media/types.ts';
import type { Schema } from '../schema.ts';
import type { CallDetail } from '../types.ts';
import { toCall } from './rows/call.ts';
import { toFinding } from './rows/finding.ts';
import { toMetrics } from './rows/metrics.ts';
import { toRecording } from './rows/recording.ts';
import { toRedaction } from './rows/redaction.ts';
import { toEarlierText } from './rows/revision.ts';
import { toUtterance, utteranceColumns } from './rows/utterance.ts';

/** All of one call but its transcript. One statement after the other: PGlite has one backend. */
export async function readCall(db: Kysely<Schema>, callId: string): Promise<CallDetail | undefined> {
  const row = await db.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst();
  if (row === undefined) return undefined;
  const parties = await db.selectFrom('parties').selectAll().where('call_id', '=', callId).execute();
  const redactions = await db
    .selectFrom('redactions')
    .selectAll()
    .where('call_id', '=', callId)
    .orderBy('start_ms')
    .orderBy('redaction_id')
    .execute();
  return {
    call: toCall(row, parties),
    metrics: (await readMetrics(db, callId)) ?? null,
    findings: await readFindings(db, callId),
    redactions: redactions.map(toRedaction),
    recording: (await readRecording(db, callId)) ?? null,
  };
}

/** Of some calls, by call. */
export async function readParties(
  db: Kysely<Schema>,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Selectable<Schema['parties']>[]>> {
  if (callIds.length === 0) return new Map();
  const rows = await db.selectFrom('parties').selectAll().where('call_id', 'in', callIds).execute();
  return Map.groupBy(rows, (row) => row.call_id);
}

export async function readTranscript(db: Kysely<Schema>, callId: string): Promise<readonly Utterance[]> {
  const rows = await db
    .selectFrom('utterances')
    .select(utteranceColumns)
    .where('call_id', '=', callId)
    .orderBy('start_ms')
    .orderBy('utterance_id')
    .execute();
  return rows.map(toUtterance);
}

/** Of the whole call, or of one utterance, by revision. */
export async function readEarlierTexts(
  db: Kysely<Schema>,
  callId: string,
  utteranceId?: string,
): Promise<readonly EarlierText[]> {
  const rows = await db
    .selectFrom('utterance_revisions')
    .selectAll()
    .where('call_id', '=', callId)
    .$if(utteranceId !== undefined, (query) => query.where('utterance_id', '=', utteranceId ?? ''))
    .orderBy('utterance_id')
    .orderBy('revision')
    .execute();
  return rows.map(toEarlierText);
}

export async function readFindings(db: Kysely<Schema>, callId: string): Promise<readonly Finding[]> {
  const rows = await db
    .selectFrom('findings')
    .selectAll()
    .where('call_id', '=', callId)
    .orderBy('start_ms')
    .orderBy('finding_id')
    .execute();
  return rows.map(toFinding);
}

export async function readMetrics(db: Kysely<Schema>, callId: string): Promise<CallMetrics | undefined> {
  const row = await db.selectFrom('call_metrics').selectAll().where('call_id', '=', callId).executeTakeFirst();
  if (row === undefined) return undefined;
  return toMetrics(row, await db.selectFrom('call_side_metrics').selectAll().where('call_id', '=', callId).execute());
}

export async function readRecording(db: Kysely<Schema>, callId: string): Promise<RecordingReport | undefined> {
  const row = await db.selectFrom('recordings').selectAll().where('call_id', '=', callId).executeTakeFirst();
  return row === undefined ? undefined : toRecording(row);
}
