import type { ReceivedRequest, ReceivedResponse } from '../message/message.ts';
import type { Flow } from '../transport/flow.ts';
import { InviteClientTransaction, type InviteClientUser } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import type { Scheduler, SipTimers } from './timers.ts';
import type { ClientTransaction, ClientUser, ServerTransaction, TransactionContext } from './transaction.ts';

/** Server transactions with what the core keeps beside each. */
export interface ServerEntry<Owner> {
  readonly transaction: ServerTransaction;
  owner: Owner | undefined;
}

export interface TransactionsOptions<Owner> {
  readonly scheduler: Scheduler;
  readonly timers: SipTimers;
  readonly onResend: () => void;
  /** A server transaction is over: what the core kept beside it. */
  readonly onServerEnd: (owner: Owner) => void;
}

/** Every living transaction and the rules by which a message finds its own (RFC 3261 sections 17.1.3 and 17.2.3). */
export class Transactions<Owner> {
  readonly #options: TransactionsOptions<Owner>;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerEntry<Owner>>();

  constructor(options: TransactionsOptions<Owner>) {
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** False when the response belongs to nothing. */
  receiveResponse(response: ReceivedResponse): boolean {
    const client = this.#clients.get(`${response.via.branch} ${response.cseqMethod}`);
    client?.receive(response);
    return client !== undefined;
  }

  startInvite(
    branch: string,
    flow: Flow,
    failed: () => void,
    user: InviteClientUser,
    request: Buffer,
  ): ClientTransaction {
    return this.#client(`${branch} INVITE`, flow, failed, (context) => {
      return new InviteClientTransaction(context, user, request);
    });
  }

  startRequest(
    method: string,
    branch: string,
    flow: Flow,
    failed: () => void,
    user: ClientUser,
    request: Buffer,
  ): ClientTransaction {
    return this.#client(`${branch} ${method}`, flow, failed, (context) => {
      return new NonInviteClientTransaction(context, user, request);
    });
  }

  /** The transaction that a request belongs to; for ACK and CANCEL that of their INVITE. */
  serverFor(request: ReceivedRequest, method: string): ServerEntry<Owner> | undefined {
    return this.#servers.get(serverKey(request, method));
  }

  startServer(request: ReceivedRequest, send: (bytes: Buffer) => void, reliable: boolean): ServerEntry<Owner> {
    const key = serverKey(request, request.method);
    const context: TransactionContext = {
      scheduler: this.#options.scheduler,
      timers: this.#options.timers,
      reliable,
      send,
      resend: (bytes) => {
        this.#options.onResend();
        send(bytes);
      },
      terminated: () => {
        if (this.#servers.get(key) === entry) this.#servers.delete(key);
        if (entry.owner !== undefined) this.#options.onServerEnd(entry.owner);
      },
    };
    const transaction =
      request.method === 'INVITE' ? new InviteServerTransaction(context) : new NonInviteServerTransaction(context);
    const entry: ServerEntry<Owner> = { transaction, owner: undefined };
    this.#servers.set(key, entry);
    return entry;
  }

  close(): void {
    for (const client of this.#clients.values()) client.abort();
    for (const { transaction } of this.#servers.values()) transaction.abort();
  }

  /** `failed` is told once when the network took the bytes not, or the connection went before any response. */
  #client(
    key: string,
    flow: Flow,
    failed: () => void,
    make: (context: TransactionContext) => ClientTransaction,
  ): ClientTransaction {
    let over = false;
    const fail = (): void => {
      if (over || !transaction.unanswered) return;
      transaction.abort();
      failed();
    };
    const unwatch = flow.onClose(fail);
    const transaction = make({
      scheduler: this.#options.scheduler,
      timers: this.#options.timers,
      reliable: flow.transport === 'tcp',
      send: (bytes) => flow.send(bytes, fail),
      resend: (bytes) => {
        this.#options.onResend();
        flow.send(bytes);
      },
      terminated: () => {
        over = true;
        unwatch();
        if (this.#clients.get(key) === transaction) this.#clients.delete(key);
      },
    });
    this.#clients.set(key, transaction);
    return transaction;
  }
}

/**
 * By branch and sent-by where the branch has the cookie of RFC 3261; a client older than that is known by what RFC
 * 2543 repeats in every copy: Request-URI, tag of From, Call-ID, CSeq number and topmost Via.
 */
function serverKey(request: ReceivedRequest, method: string): string {
  const { via } = request;
  const sentBy = `${via.host.toLowerCase()}:${via.port ?? 5060}`;
  // The cookie alone identifies nothing (RFC 4475 section 3.2.1).
  if (via.branch.length > 7 && via.branch.startsWith('z9hG4bK')) return `${via.branch} ${sentBy} ${method}`;
  return `${request.uri} ${request.fromTag} ${request.callId} ${request.cseq} ${sentBy} ${via.branch} ${method}`;
}
