import type { Kysely, Selectable } from 'kysely';
import { decodeCursor, encodeCursor, limitOf, pageOf } from './paging.ts';
import type { Schema } from './schema.ts';
import type { ExportRecord, ExportStore } from './types.ts';

export function createExportStore(db: Kysely<Schema>): ExportStore {
  return {
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
      const row = await db.selectFrom('exports').selectAll().where('export_id', '=', exportId).executeTakeFirst();
      return row === undefined ? undefined : toRecord(row);
    },
    list: async (page) => {
      const limit = limitOf(page);
      const after = decodeCursor(page.after);
      const rows = await db
        .selectFrom('exports')
        .selectAll()
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

function toRecord(row: Selectable<Schema['exports']>): ExportRecord {
  return {
    exportId: row.export_id,
    madeBy: row.made_by,
    madeAt: row.made_at.toISOString(),
    scope: row.scope,
    calls: row.calls,
    files: row.files,
    bytes: row.bytes,
    manifestSha256: row.manifest_sha256,
  };
}
