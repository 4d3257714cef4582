import { sdpIn } from '../sdp/body.ts';
import type { SessionDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { sendInDialog } from './dialog-request.ts';
import type { Leg } from './leg.ts';
import type { HeaderFields, SipRequest, SipResponse } from './messages.ts';
import { OfferAnswer } from './offer-answer.ts';
import type { Provisionals } from './provisionals.ts';

/**
 * Offer and answer while a call is set up. With an offer in the INVITE, descriptions in 18x and 200 are answers, the
 * latest of whichever fork counts. Without one (delayed offer) the callee offers, in a reliable 18x or in its 200, and
 * the caller answers in PRACK or ACK (RFC 3261 section 13.2.1, RFC 3262 section 5).
 */
export class SetupMedia {
  readonly #context: CallContext;
  readonly #call: Call;
  readonly #offer: SessionDescription | undefined;
  readonly #provisionals: Provisionals;
  /** The exchange under way: the caller's offer, or the callee's where the offer was delayed. */
  #exchange: OfferAnswer | undefined;
  /** What the caller was last told about the session. */
  #callerBody: string | undefined;

  constructor(context: CallContext, call: Call, offer: SessionDescription | undefined, provisionals: Provisionals) {
    this.#context = context;
    this.#call = call;
    this.#offer = offer;
    this.#provisionals = provisionals;
  }

  /** The body of the INVITE to a target. */
  offerFor(leg: Leg): string | undefined {
    this.#exchange = this.#offer && new OfferAnswer(this.#call, this.#call.caller, this.#offer, leg);
    return this.#exchange?.offerText;
  }

  passProvisional(leg: Leg, response: SipResponse, headers: HeaderFields): void {
    const reliable = response.headers.get('rseq') !== undefined;
    const body = this.#describe(leg, response, reliable);
    const { status, reason } = response;
    const across = reliable && this.#provisionals.possible;
    if (reliable && !across) void this.#prack(leg, response, undefined);
    this.#provisionals.send(
      { status, reason, headers, body, onPrack: across ? (prack) => this.#passPrack(leg, response, prack) : undefined },
      across,
    );
  }

  /**
   * The callee's 2xx: acknowledged at once, unless its offer has yet to be answered by the caller's ACK.
   * @returns the body for the caller's 2xx, or undefined when there is no session that can be bridged.
   */
  takeAnswer(leg: Leg, response: SipResponse): { readonly body: string | undefined } | undefined {
    const delayed = this.#offer === undefined;
    const text = sdpIn(response.headers.get('content-type'), response.body);
    if (!delayed || text === undefined) {
      leg.acknowledge(undefined);
      if (text !== undefined) this.#describe(leg, response, true);
      // The caller's answer is there already, from a provisional, when the 200 brings none.
      if (leg.remote === null) return undefined;
      return { body: delayed ? undefined : this.#callerBody };
    }
    const body = this.#describe(leg, response, true);
    return body === undefined ? undefined : { body };
  }

  /** The caller's ACK. @returns false when it left a delayed offer without a usable answer. */
  takeAck(ack: SipRequest): boolean {
    if (this.#offer !== undefined || this.#exchange === undefined) return true;
    const answer = this.#answerIn(ack);
    this.#call.callee?.acknowledge(answer);
    this.#exchange = undefined;
    return answer !== undefined;
  }

  /** What the caller is to be told of the callee's description; undefined when there is none or it is of no use. */
  #describe(leg: Leg, response: SipResponse, mayOffer: boolean): string | undefined {
    const text = sdpIn(response.headers.get('content-type'), response.body);
    const parsed = text === undefined ? undefined : parseDescription(text);
    if (parsed === undefined || !parsed.ok || parsed.description.audio.rtpPort === 0) return undefined;
    if (this.#offer !== undefined) {
      this.#callerBody = this.#exchange?.accept(parsed.description);
      return this.#callerBody;
    }
    // An offer in an unreliable provisional is none (RFC 3262 section 5).
    if (!mayOffer || (response.status < 200 && !this.#provisionals.possible)) return undefined;
    this.#exchange = new OfferAnswer(this.#call, leg, parsed.description, this.#call.caller);
    return this.#exchange.offerText;
  }

  #answerIn(request: SipRequest): string | undefined {
    const text = sdpIn(request.headers.get('content-type'), request.body);
    const parsed = text === undefined ? undefined : parseDescription(text);
    return parsed?.ok === true ? this.#exchange?.accept(parsed.description) : undefined;
  }

  #passPrack(leg: Leg, response: SipResponse, prack: SipRequest): void {
    const delayed = this.#offer === undefined && this.#exchange !== undefined;
    const answer = delayed ? this.#answerIn(prack) : undefined;
    if (delayed) this.#exchange = undefined;
    void this.#prack(leg, response, answer).then(({ status, reason }) =>
      prack.respond(status, { reason }).catch(() => undefined),
    );
  }

  #prack(leg: Leg, response: SipResponse, body: string | undefined): Promise<SipResponse> {
    const sequence = response.headers.get('cseq') ?? '1 INVITE';
    return sendInDialog(this.#context, leg, {
      method: 'PRACK',
      dialogId: response.dialogId,
      headers: {
        RAck: `${response.headers.get('rseq') ?? '1'} ${sequence}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/sdp' }),
      },
      ...(body === undefined ? {} : { body }),
    }).final;
  }
}
