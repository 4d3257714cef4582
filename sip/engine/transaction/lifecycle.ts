import { StateMachine } from '#lib/state-machine.ts';
import { Retransmission } from './retransmission.ts';
import type { TimerHandle } from './timers.ts';
import type { TransactionContext } from './transaction.ts';

/**
 * What the four transactions of RFC 3261 section 17 have in common: one state, at most one message that is repeated,
 * one timer in the state before the last, and an end after which no timer runs.
 */
export abstract class Lifecycle<State extends string> {
  protected readonly context: TransactionContext;
  protected readonly machine: StateMachine<State | 'terminated'>;
  #repeating: Retransmission | undefined;
  #lingering: TimerHandle | undefined;

  constructor(
    context: TransactionContext,
    start: State,
    legal: Readonly<Record<State | 'terminated', readonly (State | 'terminated')[]>>,
  ) {
    this.context = context;
    this.machine = new StateMachine<State | 'terminated'>(start, legal);
  }

  get state(): State | 'terminated' {
    return this.machine.state;
  }

  /** The transport could not send, or its connection is gone: ends at once, without a word to the user. */
  abort(): void {
    if (this.machine.state !== 'terminated') this.#terminate();
  }

  /** Over UDP the bytes go again until `settle`; after 64*T1, over TCP too, the transaction ends and `gaveUp` is told. */
  protected repeat(bytes: Buffer, capMs: number, gaveUp: () => void = () => undefined): void {
    this.#repeating = new Retransmission(this.context.scheduler, this.context.timers, {
      capMs,
      repeat: !this.context.reliable,
      send: () => this.context.resend(bytes),
      giveUp: () => {
        this.#terminate();
        gaveUp();
      },
    });
  }

  protected slowTo(intervalMs: number): void {
    this.#repeating?.slowTo(intervalMs);
  }

  /** What was repeated has been answered. */
  protected settle(): void {
    this.#repeating?.stop();
  }

  /** The end comes after this. */
  protected linger(delayMs: number): void {
    this.#lingering = this.context.scheduler.after(delayMs, () => this.#terminate());
  }

  #terminate(): void {
    this.machine.enter('terminated');
    this.settle();
    this.context.scheduler.stop(this.#lingering);
    this.context.terminated();
  }
}
