import { toError } from './errors.ts';

export interface Closable {
  close(): Promise<void>;
}

/** Memoises a closing function: every caller awaits the same run. */
export function once(close: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= close());
}

/** Runs every step in order, also after one has failed, and then throws what failed as one AggregateError. */
export async function closeAll(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const errors: Error[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (thrown) {
      errors.push(toError(thrown));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'closing failed');
}

/** Background promises of one owner: none is forgotten, and `settle` waits for all of them. */
export class BackgroundTasks {
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: Error) => void;

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  add(task: Promise<unknown>): void {
    const tracked: Promise<void> = task.then(
      () => undefined,
      (thrown: unknown) => this.#onError(toError(thrown)),
    );
    this.#running.add(tracked);
    void tracked.finally(() => this.#running.delete(tracked));
  }

  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  get size(): number {
    return this.#running.size;
  }
}

/** Resolves with the work, or when the time is over; the work goes on. */
export async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
