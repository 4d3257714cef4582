import type { Kysely } from 'kysely';
import { checkTime, decodeSequenceCursor, limitOf, pageOf } from '../paging.ts';
import type { Schema } from '../schema.ts';
import { storableText } from '../storable.ts';
import type { AuditFilter, AuditRow, Page } from '../types.ts';
import { entryOf } from './chain.ts';

/** Newest first. What is shown is the content that the chain vouches for, not the columns derived from it. */
export async function listAudit(db: Kysely<Schema>, filter: AuditFilter): Promise<Page<AuditRow>> {
  const limit = limitOf(filter);
  const before = decodeSequenceCursor(filter.after);
  let query = db.selectFrom('audit_log').select(['sequence', 'content', 'hash']);
  if (before !== undefined) query = query.where('sequence', '<', before);
  if (filter.from !== undefined) query = query.where('at_epoch_ms', '>=', Date.parse(checkTime(filter.from, 'from')));
  if (filter.to !== undefined) query = query.where('at_epoch_ms', '<', Date.parse(checkTime(filter.to, 'to')));
  if (filter.actorId !== undefined) query = query.where('actor_id', '=', storableText(filter.actorId));
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.targetId !== undefined) query = query.where('target_id', '=', filter.targetId);
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(
    rows,
    limit,
    (row) => ({
      sequence: row.sequence,
      entry: row.content === null ? null : entryOf(row.content),
      hash: row.hash.toString('hex'),
    }),
    (row) => String(row.sequence),
  );
}
