/** RFC 3261 section 17.1.1.1, table 4. Everything else is made of these three. */
export interface SipTimers {
  /** Round-trip estimate. */
  readonly t1Ms: number;
  /** Longest interval between retransmissions of non-INVITE requests and INVITE responses. */
  readonly t2Ms: number;
  /** How long a message stays in the network. */
  readonly t4Ms: number;
}

export const defaultTimers: SipTimers = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 };

/** Timers B, F, H, L and M: when a transaction gives up, and how long an accepted one lingers. */
export function giveUpMs(timers: SipTimers): number {
  return 64 * timers.t1Ms;
}

export type TimerHandle = NodeJS.Timeout | { readonly manual: number };

/** Runs things later. The engine has one, so that a test can run 32 s in no time and `close` stops all of it. */
export interface Scheduler {
  after(delayMs: number, run: () => void): TimerHandle;
  /** Of a timer that has fired or was stopped before: does nothing. */
  stop(handle: TimerHandle | undefined): void;
}

/** Node keeps timers of one duration in one list, so starting and stopping one costs the same at any number of them. */
export class SystemScheduler implements Scheduler {
  #closed = false;
  readonly #guarded: (run: () => void) => void;

  /** `guarded` runs what it is given and keeps what that throws from ending the process. */
  constructor(guarded: (run: () => void) => void) {
    this.#guarded = guarded;
  }

  after(delayMs: number, run: () => void): TimerHandle {
    const handle = setTimeout(() => {
      if (!this.#closed) this.#guarded(run);
    }, delayMs);
    handle.unref();
    return handle;
  }

  stop(handle: TimerHandle | undefined): void {
    if (handle !== undefined && !('manual' in handle)) clearTimeout(handle);
  }

  /** Nothing runs from now on. */
  close(): void {
    this.#closed = true;
  }
}
