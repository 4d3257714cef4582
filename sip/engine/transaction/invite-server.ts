import { Lifecycle } from './lifecycle.ts';
import { giveUpMs } from './timers.ts';
import type { ServerTransaction, TransactionContext } from './transaction.ts';

/**
 * INVITE server transaction: RFC 3261 section 17.2.1 as corrected by RFC 6026 section 7.1.
 *
 *     proceeding   the last provisional response is sent again for each copy of the INVITE (the first, 100, is the
 *                  core's to send at once). 2xx -> accepted, 300-699 -> completed.
 *     completed    the final response is sent again for each copy of the INVITE and by timer G (T1, doubling, at most
 *                  T2 apart, UDP only) until the ACK -> confirmed. Timer H (64*T1): no ACK came -> terminated.
 *     confirmed    copies of the ACK are swallowed. Timer I (T4; 0 over TCP) -> terminated.
 *     accepted     copies of the INVITE are swallowed; the core sends the 2xx again until its ACK.
 *                  Timer L (64*T1) -> terminated.
 *     terminated   nothing is heard any more.
 */
type State = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

const legal: Readonly<Record<State, readonly State[]>> = {
  proceeding: ['completed', 'accepted', 'terminated'],
  completed: ['confirmed', 'terminated'],
  confirmed: ['terminated'],
  accepted: ['terminated'],
  terminated: [],
};

export class InviteServerTransaction extends Lifecycle<State> implements ServerTransaction {
  #last: Buffer | undefined;

  constructor(context: TransactionContext) {
    super(context, 'proceeding', legal);
  }

  receiveAgain(): void {
    const { state } = this.machine;
    if ((state === 'proceeding' || state === 'completed') && this.#last !== undefined) this.context.resend(this.#last);
  }

  /** After a final response: does nothing. */
  respond(status: number, bytes: Buffer): void {
    if (this.machine.state !== 'proceeding') return;
    this.#last = bytes;
    this.context.send(bytes);
    if (status < 200) return;
    if (status < 300) {
      this.machine.enter('accepted');
      this.linger(giveUpMs(this.context.timers));
      return;
    }
    this.machine.enter('completed');
    this.repeat(bytes, this.context.timers.t2Ms);
  }

  /** The ACK of a non-2xx response: it has the INVITE's branch. */
  receiveAck(): void {
    if (this.machine.state !== 'completed') return;
    this.machine.enter('confirmed');
    this.settle();
    this.linger(this.context.reliable ? 0 : this.context.timers.t4Ms);
  }
}
