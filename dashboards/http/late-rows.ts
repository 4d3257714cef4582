import { once } from '#lib/closing.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { AuditTrail, TrailEntry } from './audit-trail.ts';

const retryMs = 1000;
const maxWaiting = 1000;

/**
 * Audit rows of what cannot be refused any more, because it has happened: that somebody stopped watching. They are
 * tried until the database takes them, in order, with the time at which it happened; a row whose fate was unknown may
 * then stand twice. At most a thousand wait (nobody begins to watch while none can be written); what finds no room, or
 * is still waiting when the server closes, is counted and logged.
 */
export class LateRows {
  readonly #trail: AuditTrail;
  readonly #logger: Logger;
  readonly #dropped: { add(amount?: number): void };
  #waiting: TrailEntry[] = [];
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #closing = false;

  constructor(trail: AuditTrail, logger: Logger, metrics: Metrics) {
    this.#trail = trail;
    this.#logger = logger;
    this.#dropped = metrics.counter(
      'sidetone_http_audit_rows_dropped_total',
      'Ends of live watches that could not be put on record',
    );
  }

  add(entry: TrailEntry): void {
    if (this.#waiting.length >= maxWaiting) this.#drop(1);
    else this.#waiting.push(entry);
    this.#running ??= this.#writeAll();
  }

  /** Everything that waits is tried once more. */
  close = once(async () => {
    this.#closing = true;
    this.#wake();
    await this.#running;
  });

  async #writeAll(): Promise<void> {
    for (;;) {
      const [entry] = this.#waiting;
      if (entry === undefined) {
        this.#running = undefined;
        return;
      }
      const isLast = this.#closing;
      try {
        await this.#trail.write(entry);
        this.#waiting.shift();
      } catch (thrown) {
        this.#logger.warn({ err: toError(thrown) }, 'the end of a live watch cannot be put on record yet');
        if (isLast) {
          this.#drop(this.#waiting.length);
          this.#waiting = [];
        } else await this.#rest();
      }
    }
  }

  #rest(): Promise<void> {
    if (this.#closing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #drop(rows: number): void {
    this.#dropped.add(rows);
    this.#logger.error({ rows }, 'ends of live watches are not on record');
  }
}
