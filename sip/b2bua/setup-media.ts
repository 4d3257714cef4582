import { sdpIn } from '../sdp/body.ts';
import type { SessionDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import type { Call } from './call.ts';
import { allowedMethods, supportedExtensions, type CallContext } from './context.ts';
import { sendInDialog } from './dialog-request.ts';
import type { Leg } from './leg.ts';
import type { HeaderFields, SipRequest, SipResponse } from './messages.ts';
import { OfferAnswer } from './offer-answer.ts';
import type { Provisionals } from './provisionals.ts';

/** A provisional response of the callee that the caller was sent reliably. */
interface Acknowledged {
  readonly leg: Leg;
  readonly response: SipResponse;
  /** It was reliable on the callee's leg too. */
  readonly across: boolean;
}

/**
 * Offer and answer while a call is set up. With an offer in the INVITE, descriptions in 18x and 200 are answers, the
 * latest of whichever fork counts. Without one (delayed offer) the callee offers, in a reliable 18x or in its 200, and
 * the caller answers in PRACK or ACK (RFC 3261 section 13.2.1, RFC 3262 section 5). Once answered, either side may change
 * the session by UPDATE (RFC 3311), the caller by an offer in PRACK as well.
 */
export class SetupMedia {
  readonly #context: CallContext;
  readonly #call: Call;
  readonly #offer: SessionDescription | undefined;
  readonly #provisionals: Provisionals;
  /** The exchange under way: the caller's offer, or the callee's where the offer was delayed. */
  #exchange: OfferAnswer | undefined;
  /** To tag of the fork whose answer to the INVITE's offer was taken last. */
  #answeredTag = '';

  constructor(context: CallContext, call: Call, offer: SessionDescription | undefined, provisionals: Provisionals) {
    this.#context = context;
    this.#call = call;
    this.#offer = offer;
    this.#provisionals = provisionals;
  }

  /** The body of the INVITE to a target. */
  offerFor(leg: Leg): string | undefined {
    this.#exchange = this.#offer && new OfferAnswer(this.#call, this.#call.caller, this.#offer, leg);
    if (this.#exchange !== undefined) this.#call.applyOffer(leg, this.#exchange.offered);
    return this.#exchange?.offerText;
  }

  passProvisional(leg: Leg, response: SipResponse, headers: HeaderFields): void {
    const reliable = response.headers.get('rseq') !== undefined;
    const body = this.#describe(leg, response, reliable);
    const { status, reason } = response;
    const across = reliable && this.#provisionals.possible;
    if (reliable && !across) void this.#prack(leg, response, undefined);
    const onPrack = (prack: SipRequest): void => {
      this.#context.tasks.add(this.#takePrack({ leg, response, across }, prack));
    };
    this.#provisionals.send({ status, reason, headers, body, onPrack }, across);
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
      return { body: delayed ? undefined : this.#call.caller.session.last };
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
    if (this.#offer !== undefined) return this.#acceptAnswer(leg, response.toTag, parsed.description);
    // An offer in an unreliable provisional is none (RFC 3262 section 5).
    if (!mayOffer || (response.status < 200 && !this.#provisionals.possible)) return undefined;
    this.#exchange = new OfferAnswer(this.#call, leg, parsed.description, this.#call.caller);
    return this.#exchange.offerText;
  }

  /** An answer to the INVITE's offer, or the same once more. */
  #acceptAnswer(leg: Leg, toTag: string, answer: SessionDescription): string | undefined {
    const { caller } = this.#call;
    if (caller.remote !== null && caller.remote !== this.#offer) {
      // The session was changed since: what this fork said before is out of date.
      if (toTag === this.#answeredTag) return caller.session.last;
      this.#exchange = new OfferAnswer(this.#call, caller, caller.remote, leg);
    }
    this.#answeredTag = toTag;
    return this.#exchange?.accept(answer);
  }

  #answerIn(request: SipRequest): string | undefined {
    const text = sdpIn(request.headers.get('content-type'), request.body);
    const parsed = text === undefined ? undefined : parseDescription(text);
    return parsed?.ok === true ? this.#exchange?.accept(parsed.description) : undefined;
  }

  async #takePrack(acknowledged: Acknowledged, prack: SipRequest): Promise<void> {
    const { leg, response, across } = acknowledged;
    const answers = this.#offer === undefined && this.#exchange !== undefined;
    const text = sdpIn(prack.headers.get('content-type'), prack.body);
    if (!answers && text !== undefined) {
      await this.#passOffer(acknowledged, prack, text);
      return;
    }
    const answer = answers ? this.#answerIn(prack) : undefined;
    if (answers) this.#exchange = undefined;
    const { status, reason } = across ? await this.#prack(leg, response, answer) : { status: 200, reason: 'OK' };
    await prack.respond(status, { reason }).catch(() => undefined);
  }

  /**
   * A further offer in the PRACK (RFC 3262 section 5): taken to the callee, by PRACK where the provisional was its own
   * and by UPDATE where it was ours alone; its answer goes back in the 2xx. 488 where it cannot be taken there.
   */
  async #passOffer({ leg, response, across }: Acknowledged, prack: SipRequest, text: string): Promise<void> {
    const { caller } = this.#call;
    const parsed = parseDescription(text);
    const open = caller.agreed === null || caller.negotiating !== undefined || leg.negotiating !== undefined;
    const carried = parsed.ok && !open && (across || leg.allows('UPDATE'));
    const exchange = carried ? new OfferAnswer(this.#call, caller, parsed.description, leg) : undefined;
    if (exchange !== undefined) {
      caller.negotiating = 'in';
      leg.negotiating = 'out';
    }
    // The callee's own provisional is acknowledged whatever becomes of the offer.
    const reply = across
      ? await this.#prack(leg, response, exchange?.offerText)
      : exchange && (await this.#update(leg, exchange.offerText));
    if (exchange !== undefined) {
      caller.negotiating = undefined;
      leg.negotiating = undefined;
    }
    const answerText = reply && reply.status < 300 ? sdpIn(reply.headers.get('content-type'), reply.body) : undefined;
    const answer = answerText === undefined ? undefined : parseDescription(answerText);
    const responded =
      exchange !== undefined && answer?.ok === true
        ? prack.respond(200, {
            headers: { 'Content-Type': 'application/sdp' },
            body: exchange.accept(answer.description),
          })
        : prack.respond(488);
    await responded.catch(() => undefined);
  }

  #update(leg: Leg, body: string): Promise<SipResponse> {
    return sendInDialog(this.#context, leg, {
      method: 'UPDATE',
      headers: { Allow: allowedMethods, Supported: supportedExtensions, 'Content-Type': 'application/sdp' },
      body,
    }).final;
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
