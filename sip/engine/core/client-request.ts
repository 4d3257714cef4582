import { SidetoneError } from '#lib/errors.ts';
import { Headers } from '../message/headers.ts';
import { serialize, noBody, type ReceivedResponse, type SipRequest } from '../message/message.ts';
import { giveUpMs, type TimerHandle } from '../transaction/timers.ts';
import type { ClientTransaction } from '../transaction/transaction.ts';
import type { Flow, Hop } from '../transport/flow.ts';
import type { Core } from './core.ts';
import { finish, type Draft } from './draft.ts';
import { newBranch } from './tokens.ts';

/** Who asked for a request: the application, or the engine itself. */
export interface ClientRequestUser {
  /** The first copy is out, as given; comes once, before anything else. */
  sent(message: SipRequest, flow: Flow): void;
  response(response: ReceivedResponse, flow: Flow): void;
  /** 408: no answer. 503: no address of the next hop could be reached. 487: cancelled, and no answer to that. */
  failed(status: 408 | 487 | 503): void;
  /** An address that had been given up answered with 2xx all the same. */
  lateAnswer(response: ReceivedResponse, message: SipRequest, flow: Flow): void;
}

/** An address is given up for the next one after this many T1 without any response (3 s with the usual T1). */
const patienceT1 = 6;

/** Timers fire a little early or late against the clock. */
const doubtMarginMs = 5;

/**
 * One request to the addresses of its next hop in turn (RFC 3263 section 4.3): the next is tried when one cannot be
 * reached, answers 503, or says nothing at all while another is left. Each try is a transaction of its own.
 */
export class ClientRequest {
  readonly #core: Core;
  readonly #draft: Draft;
  readonly #user: ClientRequestUser;
  #hops: readonly Hop[] = [];
  #transaction: ClientTransaction | undefined;
  #current: Attempt | undefined;
  #patience: TimerHandle | undefined;
  #cancelTimeout: TimerHandle | undefined;
  #sentOnce = false;
  #provisional = false;
  #finished = false;
  #cancel: 'no' | 'held' | 'sent' = 'no';
  #cancelHeaders: Headers | undefined;

  constructor(core: Core, draft: Draft, user: ClientRequestUser) {
    this.#core = core;
    this.#draft = draft;
    this.#user = user;
  }

  get method(): string {
    return this.#draft.method;
  }

  get cancelled(): boolean {
    return this.#cancel !== 'no';
  }

  /** As sent last; undefined before. */
  get message(): SipRequest | undefined {
    return this.#current?.message;
  }

  /**
   * `preferred` is a flow that is used instead of a new connection to the same host.
   * @throws SidetoneError `sip-unreachable` when nothing could be sent.
   */
  async start(preferred?: Flow): Promise<void> {
    const hops = this.#core.transports.hopsFor(this.#draft.nextHop, preferred?.transport);
    this.#hops = isReady(hops) ? hops : await hops;
    if (preferred !== undefined && sameConnection(this.#hops[0], preferred)) {
      this.#hops = this.#hops.slice(1);
      this.#attempt(preferred);
      return;
    }
    await this.#next();
  }

  /** RFC 3261 section 9.1: held back until a provisional response has come. False when there is nothing to cancel. */
  cancel(headers: Headers): boolean {
    if (this.#finished || this.#cancel !== 'no') return false;
    this.#cancel = 'held';
    this.#cancelHeaders = headers;
    this.#hops = [];
    this.#core.scheduler.stop(this.#patience);
    if (this.#provisional) this.#sendCancel();
    return true;
  }

  async #next(): Promise<void> {
    for (let hop = this.#hops[0]; hop !== undefined; hop = this.#hops[0]) {
      this.#hops = this.#hops.slice(1);
      try {
        const flow = this.#core.transports.reachNow(hop) ?? (await this.#core.transports.reach(hop));
        if (!this.#finished && this.#cancel === 'no') this.#attempt(flow);
        else if (!this.#finished) this.#finish(() => this.#user.failed(487));
        return;
      } catch {
        this.#core.counters.transport('unreachable', hop.transport);
      }
    }
    if (!this.#sentOnce) throw new SidetoneError('sip-unreachable', 'no address of the next hop can be reached');
    this.#finish(() => this.#user.failed(503));
  }

  #attempt(flow: Flow): void {
    const branch = newBranch();
    const message = finish(this.#draft, flow, branch);
    const attempt: Attempt = { message, flow, branch, cancelSent: false };
    this.#current = attempt;
    this.#provisional = false;
    const bytes = serialize(message);
    const user = {
      response: (response: ReceivedResponse) => this.#respond(response, attempt),
      timeout: () => {
        this.#core.counters.timeout('request');
        attempt.flow.doubt(giveUpMs(this.#core.timers) - doubtMarginMs);
        this.#fail(attempt, 408);
      },
      ackFor: (response: ReceivedResponse) => serialize(ackForFailure(message, response)),
    };
    const failed = (): void => this.#fail(attempt, 503);
    this.#core.counters.sent('request', flow.transport);
    this.#transaction =
      this.#draft.method === 'INVITE'
        ? this.#core.transactions.startInvite(branch, flow, failed, user, bytes)
        : this.#core.transactions.startRequest(this.#draft.method, branch, flow, failed, user, bytes);
    if (this.#hops.length > 0) {
      const waitMs = patienceT1 * this.#core.timers.t1Ms;
      this.#patience = this.#core.scheduler.after(waitMs, () => this.#moveOn(attempt));
    }
    if (this.#sentOnce) return;
    this.#sentOnce = true;
    this.#user.sent(message, flow);
  }

  #respond(response: ReceivedResponse, attempt: Attempt): void {
    if (attempt !== this.#current) {
      this.#respondLate(response, attempt);
      return;
    }
    this.#core.scheduler.stop(this.#patience);
    if (response.status < 200) {
      this.#provisional = true;
      if (this.#cancel === 'held') this.#sendCancel();
      if (!this.#finished) this.#user.response(response, attempt.flow);
      return;
    }
    if (response.status === 503 && this.#hops.length > 0 && !this.#finished) {
      this.#goOn();
      return;
    }
    if (response.status >= 300 && this.#finished) return;
    this.#finish(() => this.#user.response(response, attempt.flow));
  }

  /** Of an address given up: stop it ringing; what answers all the same is the user's to end. */
  #respondLate(response: ReceivedResponse, attempt: Attempt): void {
    if (this.#draft.method !== 'INVITE') return;
    if (response.status < 200) this.#cancelTransaction(attempt, new Headers());
    else if (response.status < 300) this.#user.lateAnswer(response, attempt.message, attempt.flow);
  }

  #fail(attempt: Attempt, status: 408 | 503): void {
    if (this.#finished || attempt !== this.#current) return;
    this.#core.scheduler.stop(this.#patience);
    if (this.#hops.length > 0) this.#goOn();
    else this.#finish(() => this.#user.failed(status));
  }

  #moveOn(attempt: Attempt): void {
    if (this.#finished || attempt !== this.#current || this.#provisional) return;
    this.#goOn();
  }

  #goOn(): void {
    void this.#next().catch(() => this.#finish(() => this.#user.failed(503)));
  }

  #finish(tell: () => void): void {
    this.#finished = true;
    this.#core.scheduler.stop(this.#patience);
    this.#core.scheduler.stop(this.#cancelTimeout);
    tell();
  }

  #sendCancel(): void {
    if (this.#current === undefined) return;
    this.#cancel = 'sent';
    this.#cancelTransaction(this.#current, this.#cancelHeaders ?? new Headers());
    // Section 9.1: no final response 64*T1 after the CANCEL means that the INVITE is over.
    this.#cancelTimeout = this.#core.scheduler.after(giveUpMs(this.#core.timers), () => {
      this.#core.counters.timeout('cancel');
      this.#transaction?.abort();
      this.#finish(() => this.#user.failed(487));
    });
  }

  #cancelTransaction(attempt: Attempt, extra: Headers): void {
    if (attempt.cancelSent) return;
    attempt.cancelSent = true;
    const nothing = (): void => undefined;
    const bytes = serialize(cancelFor(attempt.message, extra));
    this.#core.counters.sent('request', attempt.flow.transport);
    this.#core.transactions.startRequest(
      'CANCEL',
      attempt.branch,
      attempt.flow,
      nothing,
      { response: nothing, timeout: nothing },
      bytes,
    );
  }
}

/** Nothing has to be waited for. */
export function isReady(hops: readonly Hop[] | Promise<readonly Hop[]>): hops is readonly Hop[] {
  return Array.isArray(hops);
}

/** The peer is at the other end of this connection already, under whatever port. */
export function sameConnection(hop: Hop | undefined, flow: Flow): boolean {
  return hop?.transport === 'tcp' && flow.transport === 'tcp' && flow.alive && hop.address === flow.remoteAddress;
}

interface Attempt {
  readonly message: SipRequest;
  readonly flow: Flow;
  readonly branch: string;
  cancelSent: boolean;
}

/** Section 9.1: Request-URI, Call-ID, To, From, Route and topmost Via of the INVITE. */
export function cancelFor(invite: SipRequest, extra: Headers): SipRequest {
  const headers = sameTransaction(invite, 'CANCEL', invite.headers.get('To') ?? '');
  const reason = extra.get('Reason');
  if (reason !== undefined) headers.add('Reason', reason);
  return { kind: 'request', method: 'CANCEL', uri: invite.uri, headers, body: noBody };
}

/** Section 17.1.1.3: as CANCEL, with the To of the response. */
function ackForFailure(invite: SipRequest, response: ReceivedResponse): SipRequest {
  const headers = sameTransaction(invite, 'ACK', response.headers.get('To') ?? '');
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: noBody };
}

function sameTransaction(invite: SipRequest, method: string, to: string): Headers {
  const headers = new Headers().add('Via', invite.headers.get('Via') ?? '').copy('Route', invite.headers);
  const sequence = Number.parseInt(invite.headers.get('CSeq') ?? '', 10);
  return headers
    .add('Max-Forwards', '70')
    .add('From', invite.headers.get('From') ?? '')
    .add('To', to)
    .add('Call-ID', invite.headers.get('Call-ID') ?? '')
    .add('CSeq', `${sequence} ${method}`);
}
