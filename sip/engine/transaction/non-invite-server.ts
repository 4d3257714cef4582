import { Lifecycle } from './lifecycle.ts';
import { giveUpMs } from './timers.ts';
import type { ServerTransaction, TransactionContext } from './transaction.ts';

/**
 * Non-INVITE server transaction: RFC 3261 section 17.2.2.
 *
 *     trying       copies of the request are swallowed. 1xx -> proceeding, final -> completed.
 *     proceeding   the last provisional response is sent again for each copy of the request. final -> completed.
 *     completed    the final response is sent again for each copy. Timer J (64*T1; 0 over TCP) -> terminated.
 *     terminated   nothing is heard any more.
 */
type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

const legal: Readonly<Record<State, readonly State[]>> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

export class NonInviteServerTransaction extends Lifecycle<State> implements ServerTransaction {
  #last: Buffer | undefined;

  constructor(context: TransactionContext) {
    super(context, 'trying', legal);
  }

  /** No final response has been given. */
  get pending(): boolean {
    return this.machine.state === 'trying' || this.machine.state === 'proceeding';
  }

  receiveAgain(): void {
    if (this.#last !== undefined && this.machine.state !== 'terminated') this.context.resend(this.#last);
  }

  /** After a final response: does nothing. */
  respond(status: number, bytes: Buffer): void {
    if (!this.pending) return;
    this.#last = bytes;
    this.context.send(bytes);
    if (status < 200) {
      if (this.machine.state === 'trying') this.machine.enter('proceeding');
      return;
    }
    this.machine.enter('completed');
    this.linger(this.context.reliable ? 0 : giveUpMs(this.context.timers));
  }
}
