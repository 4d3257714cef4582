import type { ReceivedResponse } from '../message/message.ts';
import { Lifecycle } from './lifecycle.ts';
import { giveUpMs } from './timers.ts';
import type { ClientTransaction, ClientUser, TransactionContext } from './transaction.ts';

/**
 * INVITE client transaction: RFC 3261 section 17.1.1 as corrected by RFC 6026 section 7.2.
 *
 *     calling      the INVITE is out; sent again by timer A (T1, doubling, no cap) over UDP. 1xx -> proceeding.
 *                  2xx -> accepted, 300-699 -> completed. Timer B (64*T1): the user hears timeout -> terminated.
 *     proceeding   1xx go to the user; waits without limit. 2xx -> accepted, 300-699 -> completed.
 *     completed    the ACK was sent and is sent again for each copy of the final response. Timer D (64*T1, at least
 *                  32 s with the usual T1; 0 over TCP) -> terminated.
 *     accepted     every further 2xx goes to the user, who acknowledges it. Timer M (64*T1) -> terminated.
 *     terminated   nothing is heard any more.
 */
type State = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

const legal: Readonly<Record<State, readonly State[]>> = {
  calling: ['proceeding', 'completed', 'accepted', 'terminated'],
  proceeding: ['completed', 'accepted', 'terminated'],
  completed: ['terminated'],
  accepted: ['terminated'],
  terminated: [],
};

export interface InviteClientUser extends ClientUser {
  /** The ACK for this non-2xx final response (section 17.1.1.3). */
  ackFor(response: ReceivedResponse): Buffer;
}

export class InviteClientTransaction extends Lifecycle<State> implements ClientTransaction {
  readonly #user: InviteClientUser;
  #ack: Buffer | undefined;

  constructor(context: TransactionContext, user: InviteClientUser, request: Buffer) {
    super(context, 'calling', legal);
    this.#user = user;
    context.send(request);
    this.repeat(request, Infinity, () => user.timeout());
  }

  get unanswered(): boolean {
    return this.machine.state === 'calling';
  }

  receive(response: ReceivedResponse): void {
    switch (this.machine.state) {
      case 'calling':
      case 'proceeding':
        this.settle();
        if (response.status < 200) {
          if (this.machine.state === 'calling') this.machine.enter('proceeding');
        } else if (response.status < 300) this.#accept();
        else this.#complete(response);
        this.#user.response(response);
        return;
      case 'completed':
        if (response.status >= 300 && this.#ack !== undefined) this.context.resend(this.#ack);
        return;
      case 'accepted':
        if (response.status >= 200 && response.status < 300) this.#user.response(response);
        return;
      case 'terminated':
        return;
      default:
        this.machine.state satisfies never;
    }
  }

  #accept(): void {
    this.machine.enter('accepted');
    this.linger(giveUpMs(this.context.timers));
  }

  #complete(response: ReceivedResponse): void {
    this.machine.enter('completed');
    this.#ack = this.#user.ackFor(response);
    this.context.send(this.#ack);
    this.linger(this.context.reliable ? 0 : giveUpMs(this.context.timers));
  }
}
