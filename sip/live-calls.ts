import type { TerminationReason } from './types.ts';

/**
 * The calls that live, by their id, and those that are being made: their ports are being opened, and nobody could end them
 * yet. These count as well, are waited for, and learn as soon as they live that everything is to end.
 */
export class LiveCalls<Each> {
  readonly #calls = new Map<string, Each>();
  #making = 0;
  #ending: TerminationReason | undefined;
  #idle: (() => void)[] = [];

  /** Counts a call in the making, until `work` has added it or failed. */
  async make<Made>(work: () => Promise<Made>): Promise<Made> {
    this.#making += 1;
    try {
      return await work();
    } finally {
      this.#making -= 1;
      // Whoever made it is told of it first.
      queueMicrotask(() => this.#tellIdle());
    }
  }

  /** @returns for what everything is being ended, the new call included; undefined: nothing of the kind. */
  add(callId: string, call: Each): TerminationReason | undefined {
    this.#calls.set(callId, call);
    return this.#ending;
  }

  /** False when it was not there. */
  remove(callId: string): boolean {
    const removed = this.#calls.delete(callId);
    this.#tellIdle();
    return removed;
  }

  get(callId: string): Each | undefined {
    return this.#calls.get(callId);
  }

  /** Those that live now; calls that are added later learn of the reason from `add`. */
  endAll(reason: TerminationReason): readonly Each[] {
    this.#ending = reason;
    return this.all();
  }

  all(): readonly Each[] {
    return [...this.#calls.values()];
  }

  /** Those in the making included. */
  get size(): number {
    return this.#calls.size + this.#making;
  }

  whenIdle(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #tellIdle(): void {
    if (this.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
