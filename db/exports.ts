import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import { decodeCursor, encodeCursor, limitOf, pageOf } from './paging.ts';
import type { Schema } from './schema.ts';
import type { ExportGone, ExportStore, StoredExport } from './types.ts';

export function createExportStore(db: Kysely<Schema>): ExportStore {
  return {
    hold: async (exportId, callId) => {
      await db
        .insertInto('export_calls')
        .values({ export_id: exportId, call_id: callId, gone_because: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    markGone: async (callId, because) => {
      await markExportsGone(db, [callId], because);
    },
    add: async (record) => {
      await db
        .insertInto('exports')
        .values({
          export_id: record.exportId,
          made_by: JSON.stringify(record.madeBy),
          made_at: record.madeAt,
          scope: JSON.stringify(record.scope),
          calls: record.calls,
          files: record.files,
          bytes: record.bytes,
          manifest_sha256: record.manifestSha256,
        })
        .execute();
    },
    get: async (exportId) => {
      const row = await selectExports(db).where('export_id', '=', exportId).executeTakeFirst();
      return row === undefined ? undefined : toRecord(row);
    },
    list: async (page) => {
      const limit = limitOf(page);
      const after = decodeCursor(page.after);
      const rows = await selectExports(db)
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb(eb.refTuple('made_at', 'export_id'), '<', eb.tuple(new Date(after?.at ?? 0), after?.id ?? '')),
          ),
        )
        .orderBy('made_at', 'desc')
        .orderBy('export_id', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, toRecord, (row) => encodeCursor({ at: row.made_at.toISOString(), id: row.export_id }));
    },
  };
}

/** Exports that hold these calls are no longer to be had; what is gone keeps its reason. False: there are none. */
export async function markExportsGone(
  db: Kysely<Schema>,
  callIds: readonly string[],
  because: ExportGone,
): Promise<boolean> {
  if (callIds.length === 0) return false;
  const marked = await db
    .updateTable('export_calls')
    .set({ gone_because: because })
    .where('call_id', 'in', callIds)
    .where('gone_because', 'is', null)
    .returning('export_id')
    .execute();
  return marked.length > 0;
}

/** Sides or roles of the call have been put right: exports that hold it say what was said before. */
export async function markExportsCorrected(db: Kysely<Schema>, callId: string, atEpochMs: number): Promise<void> {
  await db
    .updateTable('export_calls')
    .set({ corrected_at: new Date(atEpochMs).toISOString() })
    .where('call_id', '=', callId)
    .execute();
}

type ExportRow = Selectable<Schema['exports']> & {
  readonly gone_because: ExportGone | null;
  readonly corrected_at: Date | null;
};

function selectExports(db: Kysely<Schema>): SelectQueryBuilder<Schema, 'exports', ExportRow> {
  return db
    .selectFrom('exports')
    .selectAll('exports')
    .select((eb) =>
      eb
        .selectFrom('export_calls')
        .whereRef('export_calls.export_id', '=', 'exports.export_id')
        .where('gone_because', 'is not', null)
        .select('gone_because')
        .orderBy('gone_because')
        .limit(1)
        .as('gone_because'),
    )
    .select((eb) =>
      eb
        .selectFrom('export_calls')
        .whereRef('export_calls.export_id', '=', 'exports.export_id')
        .select(({ fn }) => fn.max('corrected_at').as('latest'))
        .as('corrected_at'),
    );
}

function toRecord(row: ExportRow): StoredExport {
  return {
    exportId: row.export_id,
    madeBy: row.made_by,
    madeAt: row.made_at.toISOString(),
    scope: row.scope,
    calls: row.calls,
    files: row.files,
    bytes: row.bytes,
    manifestSha256: row.manifest_sha256,
    goneBecause: row.gone_because,
    correctedAt: row.corrected_at?.toISOString() ?? null,
  };
}
