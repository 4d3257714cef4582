import { StateMachine } from '#lib/state-machine.ts';
import type { ReceivedResponse } from '../message/message.ts';
import { Retransmission } from './retransmission.ts';
import { giveUpMs, type TimerHandle } from './timers.ts';
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

export class InviteClientTransaction implements ClientTransaction {
  readonly #machine = new StateMachine<State>('calling', legal);
  readonly #context: TransactionContext;
  readonly #user: InviteClientUser;
  readonly #calling: Retransmission;
  #ack: Buffer | undefined;
  #lingering: TimerHandle | undefined;

  constructor(context: TransactionContext, user: InviteClientUser, request: Buffer) {
    this.#context = context;
    this.#user = user;
    context.send(request);
    this.#calling = new Retransmission(context.scheduler, context.timers, {
      capMs: Infinity,
      repeat: !context.reliable,
      send: () => context.resend(request),
      giveUp: () => {
        this.#terminate();
        user.timeout();
      },
    });
  }

  get unanswered(): boolean {
    return this.#machine.state === 'calling';
  }

  get state(): State {
    return this.#machine.state;
  }

  receive(response: ReceivedResponse): void {
    switch (this.#machine.state) {
      case 'calling':
      case 'proceeding':
        this.#calling.stop();
        if (response.status < 200) {
          if (this.#machine.state === 'calling') this.#machine.enter('proceeding');
        } else if (response.status < 300) this.#accept();
        else this.#complete(response);
        this.#user.response(response);
        return;
      case 'completed':
        if (response.status >= 300 && this.#ack !== undefined) this.#context.resend(this.#ack);
        return;
      case 'accepted':
        if (response.status >= 200 && response.status < 300) this.#user.response(response);
        return;
      case 'terminated':
        return;
      default:
        this.#machine.state satisfies never;
    }
  }

  abort(): void {
    if (this.#machine.state !== 'terminated') this.#terminate();
  }

  #accept(): void {
    this.#machine.enter('accepted');
    this.#linger(giveUpMs(this.#context.timers));
  }

  #complete(response: ReceivedResponse): void {
    this.#machine.enter('completed');
    this.#ack = this.#user.ackFor(response);
    this.#context.send(this.#ack);
    this.#linger(this.#context.reliable ? 0 : giveUpMs(this.#context.timers));
  }

  #linger(delayMs: number): void {
    this.#lingering = this.#context.scheduler.after(delayMs, () => this.#terminate());
  }

  #terminate(): void {
    this.#machine.enter('terminated');
    this.#calling.stop();
    this.#context.scheduler.stop(this.#lingering);
    this.#context.terminated();
  }
}
