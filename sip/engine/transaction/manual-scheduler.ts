import type { Scheduler, TimerHandle } from './timers.ts';

/** A scheduler whose time a test moves on by hand. */
export class ManualScheduler implements Scheduler {
  nowMs = 0;
  #nextId = 1;
  readonly #waiting = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  after(delayMs: number, run: () => void): TimerHandle {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiting.set(id, { atMs: this.nowMs + delayMs, run });
    return { manual: id };
  }

  stop(handle: TimerHandle | undefined): void {
    if (handle !== undefined && 'manual' in handle) this.#waiting.delete(handle.manual);
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Runs what falls due, in order of time, also what is started on the way. */
  advance(byMs: number): void {
    const untilMs = this.nowMs + byMs;
    for (;;) {
      let next: { id: number; atMs: number; run: () => void } | undefined;
      for (const [id, timer] of this.#waiting) {
        if (timer.atMs <= untilMs && (next === undefined || timer.atMs < next.atMs)) next = { id, ...timer };
      }
      if (next === undefined) break;
      this.#waiting.delete(next.id);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }
}
