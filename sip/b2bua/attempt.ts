import type { CallContext } from './context.ts';
import type { Call } from './call.ts';
import { authorizationFor, tooLarge } from './dialog-request.ts';
import type { Leg } from './leg.ts';
import type { HeaderFields, SentRequest, SipResponse } from './messages.ts';
import { minimumSessionS, requestSession } from './session-expiry.ts';

export interface AttemptRequest {
  readonly uri: string;
  readonly nextHop: string | undefined;
  readonly headers: HeaderFields;
  readonly body: string | undefined;
}

export type AttemptOutcome =
  | { readonly kind: 'answered' | 'refused'; readonly response: SipResponse }
  /** Could not be sent; no answer of any kind in time; rang too long; given up by us. */
  | { readonly kind: 'unreachable' | 'silent' | 'rang-out' | 'abandoned' };

/**
 * One INVITE to one target, and its repetition with credentials (401, 407) or a longer session (422). Once it has an
 * outcome a 2xx that still comes is acknowledged and ended with BYE (RFC 3261 section 9.1: a 200 may cross a CANCEL).
 */
export class Attempt {
  readonly leg: Leg;
  readonly #context: CallContext;
  readonly #call: Call;
  readonly #request: AttemptRequest;
  readonly #onProvisional: (response: SipResponse) => void;
  #firstResponse: NodeJS.Timeout | undefined;
  #ringing: NodeJS.Timeout | undefined;
  #settle: ((outcome: AttemptOutcome) => void) | undefined;
  #sent: SentRequest | undefined;
  #givenUp = false;
  #cancelFields: HeaderFields = {};
  #authenticated = false;
  #lengthened = false;

  constructor(
    context: CallContext,
    call: Call,
    leg: Leg,
    request: AttemptRequest,
    onProvisional: (response: SipResponse) => void,
  ) {
    this.#context = context;
    this.#call = call;
    this.leg = leg;
    this.#request = request;
    this.#onProvisional = onProvisional;
  }

  run(): Promise<AttemptOutcome> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#ringing = setTimeout(() => this.#giveUp('rang-out'), this.#context.config.sip.ringTimeoutS * 1000);
      this.#send({});
    });
  }

  /** Cancels; the outcome is `abandoned`. */
  abandon(fields: HeaderFields = {}): void {
    this.#cancelFields = fields;
    this.#giveUp('abandoned');
  }

  #send(extra: HeaderFields): void {
    const { uri, nextHop, headers, body } = this.#request;
    const patienceMs = this.#context.config.sip.firstResponseTimeoutS * 1000;
    this.#firstResponse = setTimeout(() => this.#giveUp('silent'), patienceMs);
    this.#context.agent
      .request(
        {
          method: 'INVITE',
          uri,
          ...(nextHop === undefined ? {} : { nextHop }),
          headers: { ...headers, ...extra },
          ...(body === undefined ? {} : { body }),
        },
        (response) => this.#receive(response),
      )
      .then(
        (sent) => this.#isSent(sent),
        (thrown: unknown) => {
          const response = tooLarge(thrown);
          this.#finish(response === undefined ? { kind: 'unreachable' } : { kind: 'refused', response });
        },
      );
  }

  #isSent(sent: SentRequest): void {
    this.#sent = sent;
    if (this.leg.ids.callId === '') this.#announce(sent);
    if (this.#givenUp) sent.cancel(this.#cancelFields);
  }

  #announce(sent: SentRequest): void {
    this.leg.identify({ callId: sent.callId, localTag: sent.fromTag, remoteTag: '' });
    const atEpochMs = this.#context.clock.nowEpochMs();
    this.#context.emit(
      Object.freeze({ type: 'leg', callId: this.#call.callId, atEpochMs, sipCallId: sent.callId } as const),
    );
  }

  #receive(response: SipResponse): void {
    const { status } = response;
    clearTimeout(this.#firstResponse);
    if (status === 100) return;
    this.leg.learn(response.headers);
    // What comes after the outcome is known to nobody any more, or the leg would outlive its call.
    if (status < 300 && this.#settle !== undefined) {
      this.leg.enterDialog(response.dialogId, { remoteTag: response.toTag });
      this.#context.registry.addLeg(this.#call, this.leg);
    }
    if (status < 200) {
      if (!this.#givenUp) this.#onProvisional(response);
      return;
    }
    if (status < 300) {
      if (this.#settle === undefined) this.#endLate(response);
      else {
        this.leg.confirmed = true;
        this.leg.holdAck((body) => response.ack(body));
        this.#finish({ kind: 'answered', response });
      }
      return;
    }
    const again = this.#repetition(response);
    if (again === undefined) this.#finish({ kind: 'refused', response });
    else this.#send(again);
  }

  /** Fields with which the INVITE is worth sending once more, in the same call (RFC 3261 section 22.2, RFC 4028 section 6). */
  #repetition(response: SipResponse): HeaderFields | undefined {
    const { status } = response;
    const sent = this.#sent;
    if (sent === undefined || this.#givenUp) return undefined;
    let fields: HeaderFields | undefined;
    if ((status === 401 || status === 407) && !this.#authenticated) {
      const credentials = this.leg.trunk?.credentials;
      const request = { method: 'INVITE', uri: sent.uri, body: this.#request.body ?? '' };
      fields = credentials === undefined ? undefined : authorizationFor(response, request, credentials);
      this.#authenticated = true;
    } else if (status === 422 && !this.#lengthened) {
      const minimumS = minimumSessionS(response.headers);
      fields = minimumS === undefined ? undefined : requestSession(this.#context.config.sip.sessionExpiresS, minimumS);
      this.#lengthened = true;
    }
    if (fields === undefined) return undefined;
    return { ...fields, 'Call-ID': sent.callId, From: sent.from, CSeq: `${sent.sequence + 1} INVITE` };
  }

  #giveUp(kind: 'silent' | 'rang-out' | 'abandoned'): void {
    if (this.#settle === undefined) return;
    this.#givenUp = true;
    this.#sent?.cancel(this.#cancelFields);
    this.#finish({ kind });
  }

  #finish(outcome: AttemptOutcome): void {
    clearTimeout(this.#firstResponse);
    clearTimeout(this.#ringing);
    this.#settle?.(outcome);
    this.#settle = undefined;
  }

  #endLate(response: SipResponse): void {
    response.ack();
    const bye = this.#context.agent.request({ method: 'BYE', dialogId: response.dialogId }, () => undefined);
    this.#context.tasks.add(bye);
  }
}
