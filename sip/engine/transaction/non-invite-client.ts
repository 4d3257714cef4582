import type { ReceivedResponse } from '../message/message.ts';
import { Lifecycle } from './lifecycle.ts';
import type { ClientTransaction, ClientUser, TransactionContext } from './transaction.ts';

/**
 * Non-INVITE client transaction: RFC 3261 section 17.1.2.
 *
 *     trying       the request is out; sent again by timer E (T1, doubling, at most T2 apart) over UDP.
 *                  1xx -> proceeding, final -> completed. Timer F (64*T1): the user hears timeout -> terminated.
 *     proceeding   as trying, with timer E at T2 throughout; timer F goes on.
 *     completed    copies of the final response are swallowed. Timer K (T4; 0 over TCP) -> terminated.
 *     terminated   nothing is heard any more.
 */
type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

const legal: Readonly<Record<State, readonly State[]>> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

export class NonInviteClientTransaction extends Lifecycle<State> implements ClientTransaction {
  readonly #user: ClientUser;

  constructor(context: TransactionContext, user: ClientUser, request: Buffer) {
    super(context, 'trying', legal);
    this.#user = user;
    context.send(request);
    this.repeat(request, context.timers.t2Ms, () => user.timeout());
  }

  get unanswered(): boolean {
    return this.machine.state === 'trying';
  }

  receive(response: ReceivedResponse): void {
    switch (this.machine.state) {
      case 'trying':
      case 'proceeding':
        if (response.status < 200) {
          if (this.machine.state === 'trying') {
            this.machine.enter('proceeding');
            this.slowTo(this.context.timers.t2Ms);
          }
        } else this.#complete();
        this.#user.response(response);
        return;
      case 'completed':
      case 'terminated':
        return;
      default:
        this.machine.state satisfies never;
    }
  }

  #complete(): void {
    this.machine.enter('completed');
    this.settle();
    this.linger(this.context.reliable ? 0 : this.context.timers.t4Ms);
  }
}
