import { BackgroundTasks } from '#lib/closing.ts';
import type { Logger } from '#lib/log.ts';
import { describeFailure } from './failures.ts';
import type { DatabasePool } from './pool.ts';

/**
 * PGlite has no autovacuum: after so many writes, dead rows are made reusable and the planner is told what the tables
 * hold (without that it walks all utterances by time to look for a rare word).
 */
export class Upkeep {
  readonly #pool: DatabasePool;
  readonly #everyWrites: number;
  readonly #tasks: BackgroundTasks;
  #writes = 0;

  constructor(pool: DatabasePool, logger: Logger, everyWrites = 20_000) {
    this.#pool = pool;
    this.#everyWrites = everyWrites;
    this.#tasks = new BackgroundTasks((error) =>
      logger.warn({ trouble: describeFailure(error) }, 'the upkeep of the database failed; it comes again'),
    );
  }

  wrote(rows: number): void {
    this.#writes += rows;
    if (this.#writes < this.#everyWrites || this.#tasks.size > 0) return;
    this.#writes = 0;
    this.#tasks.add(this.#pool.runLong('vacuum (analyze)'));
  }

  /** Resolves when nothing is under way. */
  settle(): Promise<void> {
    return this.#tasks.settle();
  }
}
