import { sql, type Insertable, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { IngestEntry, IngestLedger } from '#media/types.ts';
import { markForCleaning } from './calls/cleaning.ts';
import type { Schema } from './schema.ts';
import { storableJson, storableText } from './storable.ts';
import type { HandedInStore } from './types.ts';

/** All calls of the entry have been removed. Of a capture without calls there are none to remove. */
const allRemoved = sql<boolean>`(cardinality(call_ids) > 0 and call_ids <@ removed_call_ids)`;
/** What is asked for at once of the calls whose evidence is still to be written. */
const mostUnrecorded = 100;
const isUnrecorded = sql<boolean>`(handed_in_by is not null and not (call_ids <@ recorded_call_ids))`;

/**
 * Of a Postgres with several servers it is everybody's: no content is taken twice. What is unfinished is its owner's.
 * @param owner id of the data directory
 * @param clean an entry was dropped: its pages are to be wiped
 */
export function createIngestLedger(db: Kysely<Schema>, owner: string, clean: () => void): IngestLedger & HandedInStore {
  return {
    find: async (sha256) => {
      const row = await db
        .selectFrom('ingest_ledger')
        .selectAll()
        .where('sha256', '=', sha256)
        .where((eb) => eb.not(allRemoved))
        .executeTakeFirst();
      return row === undefined ? undefined : toEntry(row);
    },
    unfinished: async () => {
      const rows = await db
        .selectFrom('ingest_ledger')
        .selectAll()
        .where('owner', '=', owner)
        .where(sql<boolean>`state in ('waiting', 'running')`)
        .orderBy('taken_at')
        .orderBy('sha256')
        .execute();
      return rows.map(toEntry);
    },
    save: async (entry) => {
      const isDirty = await db.transaction().execute(async (trx) => {
        const { sha256, ...row } = entryRow(entry, owner);
        await trx
          .insertInto('ingest_ledger')
          .values({ sha256, ...row })
          .onConflict((conflict) => conflict.column('sha256').doUpdateSet(row))
          .execute();
        return dropForgotten(trx, [sha256]);
      });
      if (isDirty) clean();
    },
    unrecorded: async () => {
      const rows = await db
        .selectFrom('ingest_ledger')
        .selectAll()
        .where('owner', '=', owner)
        .where(isUnrecorded)
        .orderBy('taken_at')
        .orderBy('sha256')
        .limit(mostUnrecorded)
        .execute();
      return rows.map((row) => ({
        entry: toEntry(row),
        callIds: row.call_ids.filter((callId) => !row.recorded_call_ids.includes(callId)),
      }));
    },
    recorded: async (sha256, callId) => {
      const isDirty = await db.transaction().execute(async (trx) => {
        await trx
          .updateTable('ingest_ledger')
          .set({ recorded_call_ids: sql<string[]>`array_append(recorded_call_ids, ${callId}::text)` })
          .where('sha256', '=', sha256)
          .execute();
        return dropForgotten(trx, [sha256]);
      });
      if (isDirty) clean();
    },
  };
}

/**
 * The call has been removed for good. An entry goes with the last of its calls, once it waits for nothing any more and
 * the audit log says of all of them who handed them in.
 */
export async function forgetInLedger(trx: Transaction<Schema>, callId: string): Promise<void> {
  const entries = await trx
    .updateTable('ingest_ledger')
    .set({ removed_call_ids: sql<string[]>`array_append(removed_call_ids, ${callId}::text)` })
    .where(sql<boolean>`call_ids @> array[${callId}]::text[]`)
    .returning('sha256')
    .execute();
  await dropForgotten(
    trx,
    entries.map(({ sha256 }) => sha256),
  );
}

/** @returns true when there was something to drop */
async function dropForgotten(trx: Transaction<Schema>, sha256s: readonly string[]): Promise<boolean> {
  if (sha256s.length === 0) return false;
  const dropped = await trx
    .deleteFrom('ingest_ledger')
    .where('sha256', 'in', sha256s)
    .where('state', 'in', ['done', 'failed'])
    .where(allRemoved)
    .where((eb) => eb.not(isUnrecorded))
    .returning('sha256')
    .execute();
  if (dropped.length > 0) await markForCleaning(trx, 'ingest_ledger');
  return dropped.length > 0;
}

function entryRow(
  entry: IngestEntry,
  owner: string,
): Omit<Insertable<Schema['ingest_ledger']>, 'removed_call_ids' | 'recorded_call_ids'> {
  return {
    sha256: entry.sha256,
    names: storableJson(entry.names),
    bytes: entry.bytes,
    spooled: JSON.stringify(entry.spooled),
    swap: entry.swap,
    started_at: new Date(entry.startedAtEpochMs).toISOString(),
    source_name: storableText(entry.sourceName),
    call_ids: [...entry.callIds],
    taken_at: new Date(entry.takenEpochMs).toISOString(),
    state: entry.state,
    duration_ms: Math.round(entry.durationMs),
    done_ms: Math.round(entry.doneMs),
    hours_per_hour: entry.hoursPerHour,
    fault: entry.fault,
    owner,
    handed_in_by: entry.handedInBy === null ? null : storableJson(entry.handedInBy),
    phrases: storableJson(entry.phrases),
  };
}

function toEntry(row: Selectable<Schema['ingest_ledger']>): IngestEntry {
  return Object.freeze({
    sha256: row.sha256,
    names: row.names,
    bytes: row.bytes,
    spooled: row.spooled,
    swap: row.swap,
    startedAtEpochMs: row.started_at.getTime(),
    sourceName: row.source_name,
    callIds: row.call_ids,
    takenEpochMs: row.taken_at.getTime(),
    state: row.state,
    durationMs: row.duration_ms,
    doneMs: row.done_ms,
    hoursPerHour: row.hours_per_hour,
    fault: row.fault,
    handedInBy: row.handed_in_by,
    phrases: row.phrases,
  });
}
