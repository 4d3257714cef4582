import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Transaction } from 'kysely';
import type { CallArchive, EarlierText, StoredCall, WordCorrection } from '#analytics/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Clock } from '#lib/clock.ts';
import { markExportsCorrected, markExportsGone } from '../exports.ts';
import type { Intake } from '../journal/intake.ts';
import type { Schema } from '../schema.ts';
import { markForCleaning } from './cleaning.ts';
import { readCall, readEarlierTexts, readTranscript } from './detail.ts';
import { callRow } from './rows/call.ts';
import { revisionRow } from './rows/revision.ts';
import { storeFindings, storeMetrics, storeParties, storeRedactions, storeUtterances } from './upserts.ts';

/** Rows that one statement writes: each has some fifteen values, of which the protocol takes 65,535. */
const chunkRows = 1_000;

export interface ArchiveOptions {
  readonly db: Kysely<Schema>;
  readonly intake: Pick<Intake, 'flush' | 'changeCall'>;
  readonly flushTimeoutMs: number;
  readonly clock: Clock;
  /** Text was replaced. */
  readonly clean: () => void;
  /** Exports were marked as gone. */
  readonly exportsGone: () => void;
}

/** Ended calls, whole, to be put right. */
export function createArchive({ db, intake, flushTimeoutMs, clock, clean, exportsGone }: ArchiveOptions): CallArchive {
  return {
    load: async (callId) => {
      await intake.flush(flushTimeoutMs);
      return db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute((trx) => readStored(trx, callId));
    },
    replace: async (before, after, learnt = []) => {
      await intake.flush(flushTimeoutMs);
      const { callId } = before.call;
      const { isDirty, areGone } = await intake.changeCall(callId, (assertUnchanged) =>
        db.transaction().execute(async (trx) => {
          await assertAsLoaded(trx, before);
          const dirty = await write(trx, before, after);
          await learn(trx, callId, learnt, clock.nowEpochMs());
          const redacted = after.redactions.length > before.redactions.length;
          const gone = redacted && (await markExportsGone(trx, [callId], 'late-redaction'));
          if (!isDeepStrictEqual(whoSaysWhat(before), whoSaysWhat(after)))
            await markExportsCorrected(trx, callId, clock.nowEpochMs());
          assertUnchanged();
          return { isDirty: dirty, areGone: gone };
        }),
      );
      if (isDirty) clean();
      if (areGone) exportsGone();
    },
  };
}

async function readStored(trx: Transaction<Schema>, callId: string): Promise<StoredCall | undefined> {
  const detail = await readCall(trx, callId);
  if (detail === undefined) return undefined;
  const { call, metrics, findings, redactions } = detail;
  const utterances = await readTranscript(trx, callId);
  return { call, metrics, utterances, findings, redactions, earlier: await readEarlierTexts(trx, callId) };
}

function whoSaysWhat({ call: { parties, sidesSwapped }, utterances }: StoredCall): unknown {
  return { parties, sidesSwapped, texts: utterances.map(({ text }) => text) };
}

async function learn(
  trx: Transaction<Schema>,
  callId: string,
  learnt: readonly WordCorrection[],
  atEpochMs: number,
): Promise<void> {
  if (learnt.length === 0) return;
  const rows = learnt.map(({ utteranceId, heard, corrected }) => {
    const at = new Date(atEpochMs).toISOString();
    return { call_id: callId, utterance_id: utteranceId, heard, corrected, corrected_at: at };
  });
  await trx.insertInto('word_corrections').values(rows).execute();
}

/** Everything is compared: what a correction was made from is what it is written over. */
async function assertAsLoaded(trx: Transaction<Schema>, before: StoredCall): Promise<void> {
  const { callId } = before.call;
  // Whoever deletes the call waits, or has been first.
  await trx.selectFrom('calls').select('call_id').where('call_id', '=', callId).forUpdate().execute();
  if (!isDeepStrictEqual(await readStored(trx, callId), before))
    throw new SidetoneError('conflict', 'the call has been changed or deleted meanwhile');
}

/** @returns true when text was replaced */
async function write(trx: Transaction<Schema>, before: StoredCall, after: StoredCall): Promise<boolean> {
  const { callId } = before.call;
  const { call_id: _id, owner: _owner, ...row } = callRow(after.call, '');
  await trx.updateTable('calls').set(row).where('call_id', '=', callId).execute();
  await storeParties(trx, [after.call]);

  if (after.metrics === null) await trx.deleteFrom('call_metrics').where('call_id', '=', callId).execute();
  else await storeMetrics(trx, [after.metrics]);

  const redactions = changed(before.redactions, after.redactions, ({ redactionId }) => redactionId);
  for (const chunk of chunks(redactions)) await storeRedactions(trx, chunk);

  const dirtyUtterances = await writeUtterances(trx, before, after);
  const dirtyRevisions = await writeEarlier(trx, before, after);
  const dirtyFindings = await writeFindings(trx, before, after);
  if (dirtyUtterances) await markForCleaning(trx, 'utterances');
  if (dirtyFindings) await markForCleaning(trx, 'findings');
  if (dirtyRevisions) await markForCleaning(trx, 'utterance_revisions');
  return dirtyUtterances || dirtyFindings || dirtyRevisions;
}

/**
 * One of the same text keeps its revision, whatever it says: a late redaction that was written in this very moment is of
 * the next, and must not find it taken.
 */
async function writeUtterances(trx: Transaction<Schema>, before: StoredCall, after: StoredCall): Promise<boolean> {
  const stored = new Map(before.utterances.map((utterance) => [utterance.utteranceId, utterance]));
  const next = after.utterances.map((utterance) => {
    const known = stored.get(utterance.utteranceId);
    return known?.text === utterance.text ? { ...utterance, revision: known.revision } : utterance;
  });
  const differing = changed(before.utterances, next, ({ utteranceId }) => utteranceId);
  for (const chunk of chunks(differing)) await storeUtterances(trx, chunk, 'all');
  return differing.some(({ utteranceId, text }) => {
    const known = stored.get(utteranceId);
    return known !== undefined && known.text !== text;
  });
}

/** @returns true when one that is stored was changed: masked */
async function writeEarlier(trx: Transaction<Schema>, before: StoredCall, after: StoredCall): Promise<boolean> {
  const idOf = ({ utteranceId, revision }: EarlierText): string => `${utteranceId} ${revision}`;
  const known = new Set(before.earlier.map(idOf));
  const differing = changed(before.earlier, after.earlier, idOf);
  for (const chunk of chunks(differing)) {
    await trx
      .insertInto('utterance_revisions')
      .values(chunk.map(revisionRow))
      .onConflict((conflict) =>
        conflict.columns(['utterance_id', 'revision']).doUpdateSet((eb) => ({
          text: eb.ref('excluded.text'),
          words: eb.ref('excluded.words'),
        })),
      )
      .execute();
  }
  return differing.some((earlier) => known.has(idOf(earlier)));
}

async function writeFindings(trx: Transaction<Schema>, before: StoredCall, after: StoredCall): Promise<boolean> {
  const kept = new Set(after.findings.map(({ findingId }) => findingId));
  const gone = before.findings.map(({ findingId }) => findingId).filter((id) => !kept.has(id));
  if (gone.length > 0) await trx.deleteFrom('findings').where('finding_id', 'in', gone).execute();
  let dirty = false;
  for (const chunk of chunks(changed(before.findings, after.findings, ({ findingId }) => findingId)))
    dirty = (await storeFindings(trx, chunk)) || dirty;
  return dirty;
}

/** Of `after`, what was not there before, or otherwise. */
function changed<Item>(before: readonly Item[], after: readonly Item[], idOf: (item: Item) => string): readonly Item[] {
  const known = new Map(before.map((item) => [idOf(item), item]));
  return after.filter((item) => !isDeepStrictEqual(known.get(idOf(item)), item));
}

function chunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / chunkRows) }, (_, index) =>
    items.slice(index * chunkRows, (index + 1) * chunkRows),
  );
}
