import { sql, type Kysely } from 'kysely';
import { BackgroundTasks } from '#lib/closing.ts';
import type { Logger } from '#lib/log.ts';
import { describeFailure } from '../connection/failures.ts';
import type { DatabasePool } from '../connection/pool.ts';
import type { Schema } from '../schema.ts';

/** Tables with text that late redaction or deletion takes away, in the order of their cleaning. */
const cleanedTables = [
  'utterances',
  'utterance_revisions',
  'word_corrections',
  'findings',
  'calls',
  'parties',
  'cdr_records',
  'ingest_ledger',
  'speakers',
] as const;
export type CleanedTable = (typeof cleanedTables)[number];

/** Part of the transaction that leaves the dead rows, so that the duty outlives a crash. */
export async function markForCleaning(trx: Kysely<Schema>, table: CleanedTable): Promise<void> {
  await trx
    .insertInto('cleanings')
    .values({ table_name: table, due_xid: sql<number>`pg_current_xact_id()::text::bigint` })
    .onConflict((conflict) => conflict.column('table_name').doUpdateSet({ due_xid: sql<number>`excluded.due_xid` }))
    .execute();
}

/** Rewrites come in twos and threes; one VACUUM FULL serves them all. */
const gatherMs = 2_000;
const retryMs = 5_000;

/**
 * Wipes dead rows from the pages of the tables marked: VACUUM FULL writes the live rows (and the indexes, search vectors
 * with them) to new files and drops the old ones; fresh planner samples replace those that may quote old text, and the
 * catalogue that held them is rewritten too. Waits until no transaction can still see the old rows, as VACUUM would
 * carry those along. What lies in the write-ahead log of a Postgres server is for that server's archive settings.
 */
export class Cleaner {
  readonly #pool: DatabasePool;
  readonly #logger: Logger;
  readonly #tasks: BackgroundTasks;
  readonly #afterwards: readonly string[];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param afterwards statements to run when tables were cleaned (PGlite: what drops old write-ahead log) */
  constructor(pool: DatabasePool, logger: Logger, afterwards: readonly string[]) {
    this.#pool = pool;
    this.#logger = logger;
    this.#afterwards = afterwards;
    this.#tasks = new BackgroundTasks((error) => {
      this.#logger.warn({ trouble: describeFailure(error) }, 'cleaning old rows failed; trying again');
      this.schedule(retryMs);
    });
  }

  /** Some table may be marked: look soon. */
  schedule(delayMs = gatherMs): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tasks.add(this.#clean());
    }, delayMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#tasks.settle();
  }

  async #clean(): Promise<void> {
    const db = this.#pool.open;
    const due = await db
      .selectFrom('cleanings')
      .select(['table_name', 'due_xid'])
      .select(sql<boolean>`due_xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`.as('unseen'))
      .execute();
    const cleanable = cleanedTables.filter((table) => due.some((row) => row.table_name === table && row.unseen));
    for (const table of cleanable) {
      if (this.#closed) return;
      await this.#pool.runLong(`vacuum full ${table}`);
      await this.#pool.runLong(`analyze ${table}`);
    }
    if (cleanable.length > 0) {
      await this.#pool.runLong('vacuum full pg_statistic');
      for (const statement of this.#afterwards) await this.#pool.runLong(statement);
      for (const row of due.filter((each) => each.unseen))
        // Marked again in the meantime: that mark stands.
        await db
          .deleteFrom('cleanings')
          .where('table_name', '=', row.table_name)
          .where('due_xid', '=', row.due_xid)
          .execute();
      this.#logger.info({ tables: cleanable }, 'old rows are wiped');
    }
    if (due.length > cleanable.length) this.schedule(retryMs);
  }
}
