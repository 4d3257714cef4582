import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#lib/clock.ts';
import type { Logger } from '#lib/log.ts';
import type { CounterSeries, GaugeSeries } from '#lib/metrics.ts';
import type { Kysely } from 'kysely';
import { describeFailure } from '../connection/failures.ts';
import type { Schema } from '../schema.ts';
import { genesisHash } from './chain.ts';
import type { Head, HeadFile } from './head-file.ts';
import type { HeadSigner } from './signing.ts';
import { logColumns } from './verify.ts';
import { Walk, type LogRow, type Wrong } from './walk.ts';

export interface WatchTools {
  readonly db: Kysely<Schema>;
  readonly signer: HeadSigner;
  /** Where the check has got to, kept from start to start. */
  readonly verified: HeadFile;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly verifiedRows: GaugeSeries;
  readonly wrongRows: CounterSeries;
}

/** Signatures are checked on the main thread: about 10 ms a page. */
const pageRows = 100;
const pauseMs = 100;
/** The place is written down after so many rows, and at the end. */
const keepEveryRows = 5_000;
const beforeFirst = { sequence: 0, hash: genesisHash } as const;

type Place = Pick<Head, 'sequence' | 'hash'>;

/**
 * Checks the log in the background, once after each connect, a page at a time with a pause between two, so that it costs
 * a tenth of a core at most. First what has been written since the last check, then all before it once more: an edit of
 * an old row is found within hours and needs nobody to run `audit verify`. A wrong row is found again at once at every
 * later start, as the check never gets past it.
 */
export class AuditWatch {
  readonly #tools: WatchTools;
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  wrong: Wrong | undefined;
  /** All rows up to here have been found right, by this process or an earlier one. */
  verifiedTo = 0;

  constructor(tools: WatchTools) {
    this.#tools = tools;
  }

  /** Unless it is at it. */
  start(): void {
    if (this.#running !== undefined || this.#stop.signal.aborted) return;
    this.#running = this.#round()
      .catch((thrown: unknown) =>
        // Away in the middle of it: the next connect begins another.
        this.#tools.logger.info({ trouble: describeFailure(thrown) }, 'the check of the audit log was broken off'),
      )
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** For good. Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #round(): Promise<void> {
    const { db, logger } = this.#tools;
    const head = await db.selectFrom('audit_head').select('sequence').where('id', '=', 1).executeTakeFirst();
    const to = head?.sequence ?? 0;
    const from = await this.#placeOf(to);
    this.#reached(from.sequence);
    const wrong = (await this.#walk(from, to)) ?? (await this.#walk(beforeFirst, from.sequence));
    if (this.#stop.signal.aborted) return;
    this.wrong = wrong;
    if (wrong === undefined) {
      logger.info({ rows: to }, 'the audit log has been read over and is whole');
      return;
    }
    this.#tools.wrongRows.add();
    logger.error(
      { sequence: wrong.firstWrongSequence, problem: wrong.problem },
      'the audit log has been tampered with',
    );
  }

  /** Where the last check got to, if the log still holds that row as it was; or else the beginning, where the fault is. */
  async #placeOf(to: number): Promise<Place> {
    const kept = this.#tools.verified.read();
    if (kept === undefined || kept === 'wrong' || kept.sequence > to) return beforeFirst;
    const row = await this.#tools.db
      .selectFrom('audit_log')
      .select('hash')
      .where('sequence', '=', kept.sequence)
      .executeTakeFirst();
    return row?.hash.equals(kept.hash) === true ? kept : beforeFirst;
  }

  async #walk(from: Place, to: number): Promise<Wrong | undefined> {
    const walk = new Walk(this.#tools.signer, undefined, from);
    let last: LogRow | undefined;
    let keptRows = 0;
    while (walk.lastSequence < to && !this.#stop.signal.aborted) {
      const rows = await this.#tools.db
        .selectFrom('audit_log')
        .select(logColumns)
        .where('sequence', '>', walk.lastSequence)
        .where('sequence', '<=', to)
        .orderBy('sequence')
        .limit(pageRows)
        .execute();
      for (const row of rows) {
        walk.step(row);
        if (walk.wrong === undefined) last = row;
      }
      if (rows.length === 0) walk.end(to);
      const { wrong } = walk;
      if (wrong !== undefined) {
        this.#keep(last);
        return wrong;
      }
      if (walk.lastSequence >= to || walk.rows - keptRows >= keepEveryRows) {
        keptRows = walk.rows;
        if (walk.lastSequence > this.verifiedTo) this.#keep(last);
      }
      if (walk.lastSequence < to) await this.#pause();
    }
    return undefined;
  }

  #keep(row: LogRow | undefined): void {
    const { verified, clock } = this.#tools;
    if (row === undefined) verified.clear();
    else verified.write(row, clock.nowEpochMs());
    this.#reached(row?.sequence ?? 0);
  }

  #reached(sequence: number): void {
    this.verifiedTo = sequence;
    this.#tools.verifiedRows.set(sequence);
  }

  async #pause(): Promise<void> {
    await sleep(pauseMs, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
