import type { StoreOp } from '#analytics/types.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { describeFailure, isTransient } from '../connection/failures.ts';
import type { JournalEntry } from './entries.ts';
import type { Journal } from './journal.ts';
import { callIdOf } from './keys.ts';
import type { RefusedOps } from './refused.ts';

const batchOps = 500;
const batchBytes = 4 << 20;
/** Ops that come within this are stored together. */
const gatherMs = 15;
const firstBackoffMs = 100;
const maxBackoffMs = 5_000;

/**
 * Takes the journal to the database, oldest first, a batch a transaction. What the database refuses for good is found
 * by trying the batch's ops one by one, and set aside (refused.ts); what it cannot take now is tried again.
 */
export class Drain {
  readonly #journal: Journal;
  readonly #options: DrainOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #backoffMs = firstBackoffMs;
  #paused = true;
  /** So many works want nothing stored meanwhile. */
  #held = 0;
  #waiting: (() => void)[] = [];
  refusedOps = 0;

  constructor(journal: Journal, options: DrainOptions) {
    this.#journal = journal;
    this.#options = options;
  }

  /** Stores everything that is pending now. Throws at the first failure that is not the op's own. */
  async catchUp(): Promise<void> {
    while (this.#journal.pendingOps > 0) await this.#storeBatch();
  }

  /** Resolves after the next batch that was stored, or after `timeoutMs`. */
  nextBatch(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Stores as it comes, until paused. */
  resume(): void {
    this.#paused = false;
    this.kick();
  }

  /** Resolves when nothing is under way. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#stop();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  /** Runs the work while nothing is being stored. */
  async standStill<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#held += 1;
    try {
      await this.#stop();
      return await work();
    } finally {
      this.#held -= 1;
      this.kick();
    }
  }

  kick(delayMs = gatherMs): void {
    if (this.#paused || this.#held > 0 || this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        if (this.#journal.pendingOps > 0) this.kick(this.#backoffMs > firstBackoffMs ? this.#backoffMs : gatherMs);
      });
    }, delayMs);
  }

  async #run(): Promise<void> {
    try {
      do await this.#storeBatch();
      while (this.#journal.pendingOps >= batchOps && !this.#paused);
      // What came meanwhile is gathered first: a steady stream would else be stored in a great many small transactions.
      if (this.#journal.pendingOps === 0) await this.#options.onEmpty();
      this.#backoffMs = firstBackoffMs;
    } catch (thrown) {
      this.#options.logger.warn({ trouble: describeFailure(thrown) }, 'storing failed; the journal keeps it');
      this.#backoffMs = Math.min(maxBackoffMs, this.#backoffMs * 2);
      this.#options.onTrouble();
    }
  }

  async #storeBatch(): Promise<void> {
    const { entries, ops } = this.#journal.peek(batchOps, batchBytes);
    if (ops.length === 0) return;
    try {
      await this.#options.apply(ops);
      this.#journal.settle(entries);
    } catch (thrown) {
      if (isTransient(thrown)) throw thrown;
      await this.#storeOneByOne(entries, ops);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #storeOneByOne(entries: readonly JournalEntry[], ops: readonly StoreOp[]): Promise<void> {
    for (const [index, op] of ops.entries()) {
      const entry = entries[index];
      // Wiped in the meantime: its call was deleted, or its text replaced.
      if (entry === undefined || entry.state === 'void') continue;
      try {
        await this.#options.apply([op]);
      } catch (thrown) {
        if (isTransient(thrown)) throw thrown;
        this.#setAside(op, thrown);
      }
      this.#journal.settle([entry]);
    }
  }

  #setAside(op: StoreOp, thrown: unknown): void {
    const { refused, logger, metrics } = this.#options;
    this.refusedOps += 1;
    metrics.counter('sidetone_db_refused_ops_total', 'Writes that the database refused for good.').add();
    let file: string | undefined;
    try {
      file = refused.add(op);
    } catch (error) {
      logger.error({ err: toError(error) }, 'setting a refused write aside failed');
    }
    logger.error(
      { op: op.op, callId: callIdOf(op), trouble: describeFailure(thrown), file: file ?? null },
      'the database refuses a write for good',
    );
  }
}

export interface DrainOptions {
  /** One transaction for all. */
  readonly apply: (ops: readonly StoreOp[]) => Promise<void>;
  /** Everything is stored: time for what waited for it. */
  readonly onEmpty: () => Promise<void>;
  readonly refused: RefusedOps;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The database could not be written: look whether it is there. */
  readonly onTrouble: () => void;
}
