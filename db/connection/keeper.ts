import type { Clock } from '#lib/clock.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { StateMachine } from '#lib/state-machine.ts';
import { describeFailure } from './failures.ts';

/**
 * Keeps the database at hand. States:
 *
 * - `connecting`: not ready yet since start; tries without end, with backoff.
 * - `ready`: prepared (migrated, checked, caught up) and answering.
 * - `away`: was ready, then a probe failed; tries again like `connecting`.
 * - `closed`: the end.
 *
 *     connecting -> ready <-> away;  any -> closed
 */
export type KeeperState = 'connecting' | 'ready' | 'away' | 'closed';
const legal: Readonly<Record<KeeperState, readonly KeeperState[]>> = {
  connecting: ['ready', 'closed'],
  ready: ['away', 'closed'],
  away: ['ready', 'closed'],
  closed: [],
};

export interface KeeperOptions {
  /** Starts what must run, and says by throwing whether the database answers. */
  readonly reach: () => Promise<void>;
  /** All that must be done between reaching the database and being ready. */
  readonly prepare: () => Promise<void>;
  readonly probe: () => Promise<void>;
  /** The probe failed: make sure that the next `reach` meets nothing half-dead. */
  readonly drop: () => Promise<void>;
  readonly onState: (state: KeeperState) => void;
  readonly logger: Logger;
  readonly clock: Clock;
}

const firstBackoffMs = 100;
const maxBackoffMs = 5_000;
const probeEveryMs = 10_000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #machine = new StateMachine<KeeperState>('connecting', legal);
  #sinceEpochMs: number;
  #trouble: string | null = 'not reached yet';
  #wake: (() => void) | undefined;
  #suspected = false;
  readonly #running: Promise<void>;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#sinceEpochMs = options.clock.nowEpochMs();
    // After the caller's constructor has run, so that what it wires is there.
    this.#running = Promise.resolve().then(() => this.#run());
  }

  get state(): KeeperState {
    return this.#machine.state;
  }
  get sinceEpochMs(): number {
    return this.#sinceEpochMs;
  }
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Something did not get through: look now instead of at the next probe. */
  suspect(): void {
    this.#suspected = true;
    this.#wake?.();
  }

  /** Resolves when nothing of the loop runs any more. */
  close(): Promise<void> {
    if (!this.#closed) this.#become('closed');
    this.#wake?.();
    return this.#running;
  }

  #become(next: KeeperState): void {
    this.#machine.enter(next);
    this.#sinceEpochMs = this.#options.clock.nowEpochMs();
    this.#options.onState(next);
  }

  get #closed(): boolean {
    return this.#machine.state === 'closed';
  }

  async #run(): Promise<void> {
    let backoffMs = firstBackoffMs;
    while (!this.#closed) {
      if (await this.#attempt()) {
        backoffMs = firstBackoffMs;
        await this.#watch();
      } else if (!this.#closed) {
        // The timer holds no process open: slept after the close, a start that failed would end without a word.
        await this.#sleep(backoffMs);
        backoffMs = Math.min(maxBackoffMs, backoffMs * 2);
      }
    }
  }

  async #attempt(): Promise<boolean> {
    const { reach, prepare, logger } = this.#options;
    try {
      await reach();
      this.#suspected = false;
      await prepare();
      if (this.#closed) return false;
      this.#trouble = null;
      this.#become('ready');
      return true;
    } catch (thrown) {
      const trouble = describeFailure(thrown);
      if (!this.#closed && trouble !== this.#trouble) {
        logger.warn({ trouble, code: codeOf(thrown) }, 'the database cannot be used yet; trying on');
        this.#trouble = trouble;
      }
      return false;
    }
  }

  async #watch(): Promise<void> {
    const { probe, drop, logger } = this.#options;
    while (!this.#closed) {
      if (!this.#suspected) await this.#sleep(probeEveryMs);
      if (this.#closed) return;
      this.#suspected = false;
      try {
        await probe();
      } catch (thrown) {
        if (this.#closed) return;
        this.#trouble = describeFailure(thrown);
        logger.warn({ trouble: this.#trouble }, 'the database went away');
        this.#become('away');
        await drop().catch((error: unknown) => logger.warn({ err: toError(error) }, 'dropping it failed'));
        return;
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
}
