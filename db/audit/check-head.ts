import type { Kysely } from 'kysely';
import type { Logger } from '#lib/log.ts';
import type { Schema } from '../schema.ts';
import type { Head, HeadFile } from './head-file.ts';
import type { HeadSigner } from './signing.ts';
import { logColumns } from './verify.ts';
import { Walk } from './walk.ts';

/** Without any file, the log may be at most the one commit (append.ts: groupRows) after which the crash came. */
const firstCommitRows = 200;
/** The file lags further only where its disk refused it for long. */
const maxLagRows = 100_000;
/** Signatures are checked on the main thread: about 10 ms a page. */
const pageRows = 100;

/**
 * On each connect: does the database bear out the head kept outside it? The row of that sequence must hold its hash, and
 * what lies past it (rows committed just before a crash) must chain on with good signatures. Then the file is brought
 * up to the database. If not, the old head is kept as an alarm, the log goes on from what the database holds, and verify
 * reports the alarm from then on.
 */
export async function checkHead(
  db: Kysely<Schema>,
  tools: { readonly signer: HeadSigner; readonly headFile: HeadFile; readonly logger: Logger },
  nowEpochMs: number,
): Promise<'intact' | 'broken'> {
  const { headFile, logger } = tools;
  const outside = headFile.read();
  const newest = await db
    .selectFrom('audit_log')
    .select(['sequence', 'hash', 'signature'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  const sound = outside !== 'wrong' && (await bearsOut(db, tools.signer, outside, newest));
  if (!sound) {
    logger.error(
      { outsideSequence: outside instanceof Object ? outside.sequence : null, databaseSequence: newest?.sequence ?? 0 },
      'the audit log does not match the head kept outside the database',
    );
    headFile.raiseAlarm(nowEpochMs);
  }
  if (newest !== undefined) headFile.write(newest, nowEpochMs);
  return headFile.alarms().length === 0 ? 'intact' : 'broken';
}

async function bearsOut(
  db: Kysely<Schema>,
  signer: HeadSigner,
  outside: Head | undefined,
  newest: Head | undefined,
): Promise<boolean> {
  const head = await db.selectFrom('audit_head').select(['sequence', 'hash']).where('id', '=', 1).executeTakeFirst();
  if (head === undefined) return false;
  if (newest === undefined) return outside === undefined && head.sequence === 0;
  if (head.sequence !== newest.sequence || !head.hash.equals(newest.hash)) return false;
  if (outside !== undefined) {
    const kept = await db
      .selectFrom('audit_log')
      .select('hash')
      .where('sequence', '=', outside.sequence)
      .executeTakeFirst();
    if (kept === undefined || !kept.hash.equals(outside.hash)) return false;
  }
  const walk = new Walk(signer, undefined, outside);
  const limit = outside === undefined ? firstCommitRows : maxLagRows;
  while (walk.rows < limit && walk.wrong === undefined) {
    const rows = await db
      .selectFrom('audit_log')
      .select(logColumns)
      .where('sequence', '>', walk.lastSequence)
      .orderBy('sequence')
      .limit(pageRows)
      .execute();
    for (const row of rows) walk.step(row);
    if (rows.length < pageRows) break;
  }
  return walk.wrong === undefined && walk.lastSequence === newest.sequence;
}
