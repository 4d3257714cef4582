import type { Clock } from '#lib/clock.ts';

interface Window {
  count: number;
  endsAtMs: number;
}

/**
 * Counts per key in fixed windows, in memory. The table is bounded: when full, ended windows go first, then the oldest
 * (an attacker with that many addresses is not held by a limit per address anyway).
 */
export class RateLimit {
  readonly #windows = new Map<string, Window>();
  readonly #options: { readonly limit: number; readonly windowMs: number; readonly maxKeys: number };
  readonly #clock: Clock;

  constructor(options: { readonly limit: number; readonly windowMs: number; readonly maxKeys: number }, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Seconds until the key may try again; 0 when it may try now. Does not count. */
  waitS(key: string): number {
    const window = this.#current(key);
    if (window === undefined || window.count < this.#options.limit) return 0;
    return Math.max(1, Math.ceil((window.endsAtMs - this.#clock.nowMs()) / 1000));
  }

  count(key: string): void {
    const window = this.#current(key);
    if (window !== undefined) {
      window.count++;
      return;
    }
    if (this.#windows.size >= this.#options.maxKeys) this.#makeRoom();
    this.#windows.set(key, { count: 1, endsAtMs: this.#clock.nowMs() + this.#options.windowMs });
  }

  /** Takes one count back. */
  uncount(key: string): void {
    const window = this.#current(key);
    if (window !== undefined && window.count > 0) window.count--;
  }

  #current(key: string): Window | undefined {
    const window = this.#windows.get(key);
    if (window === undefined || window.endsAtMs > this.#clock.nowMs()) return window;
    this.#windows.delete(key);
    return undefined;
  }

  #makeRoom(): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, window] of this.#windows) if (window.endsAtMs <= nowMs) this.#windows.delete(key);
    const oldest = this.#windows.keys().next();
    if (this.#windows.size >= this.#options.maxKeys && oldest.done !== true) this.#windows.delete(oldest.value);
  }
}
