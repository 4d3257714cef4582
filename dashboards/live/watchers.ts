import type { Response } from 'express';
import type { Clock } from '#lib/clock.ts';
import { BackgroundTasks } from '#lib/closing.ts';
import type { Logger } from '#lib/log.ts';
import { EventStream } from './event-stream.ts';

/** What a stream ended by: either side closing it, or its session or key being good no longer. */
export type WatchEnd = 'closed' | 'signed-out';

export interface Watch {
  /** Subscribes; returns what unsubscribes. */
  readonly run: (stream: EventStream) => () => void;
  /** Whether session or key still allow it; rejects while that cannot be known. */
  readonly isStillGood: () => Promise<boolean>;
  readonly onEnd: (end: WatchEnd, watchedMs: number) => void;
}

interface OpenWatch {
  readonly stream: EventStream;
  readonly isStillGood: () => Promise<boolean>;
  end: WatchEnd;
}

const recheckEveryMs = 10_000;

/**
 * Those who watch now. Being let in once is not being let in for ever: every ten seconds, and at once when this server
 * ends a session, revokes a key or changes a user (`recheck`), each stream is held against what its session or key is
 * worth now. While the database is away nobody can take a session back, so the streams go on.
 */
export class Watchers {
  readonly #open = new Set<OpenWatch>();
  readonly #checks: BackgroundTasks;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#checks = new BackgroundTasks((err) => logger.debug({ err }, 'a watcher could not be looked at again'));
    this.#timer = setInterval(() => this.recheck(), recheckEveryMs);
    this.#timer.unref();
  }

  open(response: Response, { run, isStillGood, onEnd }: Watch): void {
    const startedMs = this.#clock.nowMs();
    const watch: OpenWatch = { stream: new EventStream(response), isStillGood, end: 'closed' };
    this.#open.add(watch);
    const stop = run(watch.stream);
    const gone = async (): Promise<void> => {
      await watch.stream.closed;
      this.#open.delete(watch);
      stop();
      onEnd(watch.end, Math.round(this.#clock.nowMs() - startedMs));
    };
    this.#checks.add(gone());
  }

  /** Sessions, keys or users have changed: looks at every stream now. */
  recheck(): void {
    for (const watch of this.#open) this.#checks.add(this.#check(watch));
  }

  /** Lets everybody go, and returns when each `onEnd` was called. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const { stream } of this.#open) stream.end();
    // Whoever does not read does not hear of the end either.
    const deadline = setTimeout(() => this.#open.forEach(({ stream }) => stream.destroy()), 500);
    await this.#checks.settle();
    clearTimeout(deadline);
  }

  async #check(watch: OpenWatch): Promise<void> {
    if (await watch.isStillGood()) return;
    watch.end = 'signed-out';
    watch.stream.send('signed-out', { type: 'signed-out' });
    watch.stream.end();
  }
}
