import { giveUpMs, type Scheduler, type SipTimers, type TimerHandle } from './timers.ts';

/**
 * Sends the same bytes again at T1, 2*T1, 4*T1 ... (never more than `capMs` apart) until stopped, and gives up after
 * 64*T1. Serves timer A, E and G, a 2xx that waits for its ACK (RFC 3261 section 13.3.1.4) and a reliable provisional
 * response that waits for its PRACK (RFC 3262 section 3).
 */
export class Retransmission {
  readonly #scheduler: Scheduler;
  readonly #send: () => void;
  #next: TimerHandle | undefined;
  #end: TimerHandle | undefined;

  constructor(
    scheduler: Scheduler,
    timers: SipTimers,
    options: {
      readonly capMs: number;
      readonly repeat: boolean;
      readonly send: () => void;
      readonly giveUp: () => void;
    },
  ) {
    this.#scheduler = scheduler;
    this.#send = options.send;
    if (options.repeat) this.#repeat(timers.t1Ms, options.capMs);
    this.#end = scheduler.after(giveUpMs(timers), () => {
      this.stop();
      options.giveUp();
    });
  }

  #repeat(intervalMs: number, capMs: number): void {
    this.#next = this.#scheduler.after(intervalMs, () => {
      this.#repeat(Math.min(intervalMs * 2, capMs), capMs);
      this.#send();
    });
  }

  /** From now on at a fixed interval: timer E in Proceeding. */
  slowTo(intervalMs: number): void {
    if (this.#next === undefined) return;
    this.#scheduler.stop(this.#next);
    this.#repeat(intervalMs, intervalMs);
  }

  stop(): void {
    this.#scheduler.stop(this.#next);
    this.#next = undefined;
    this.#scheduler.stop(this.#end);
    this.#end = undefined;
  }
}
