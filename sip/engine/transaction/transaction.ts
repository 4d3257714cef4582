import type { ReceivedResponse } from '../message/message.ts';
import type { Scheduler, SipTimers } from './timers.ts';

/** What every transaction needs of the outside. */
export interface TransactionContext {
  readonly scheduler: Scheduler;
  readonly timers: SipTimers;
  /** True over TCP: nothing is retransmitted, and nothing lingers for retransmissions of the other side. */
  readonly reliable: boolean;
  send(bytes: Buffer): void;
  /** Bytes sent before go out once more. */
  resend(bytes: Buffer): void;
  /** The transaction holds no timer any more and matches nothing: forget it. */
  terminated(): void;
}

/** What a client transaction tells the core. Of these, `response` may come often, the others once and alone. */
export interface ClientUser {
  response(response: ReceivedResponse): void;
  /** Timer B or F. */
  timeout(): void;
}

export interface ClientTransaction {
  /** Nothing has been heard: a connection that goes now takes the transaction with it. */
  readonly unanswered: boolean;
  receive(response: ReceivedResponse): void;
  /** The transport could not send, or its connection is gone: ends at once, without a word to the user. */
  abort(): void;
}

export interface ServerTransaction {
  /** The same request came again. */
  receiveAgain(): void;
  respond(status: number, bytes: Buffer): void;
  abort(): void;
}
