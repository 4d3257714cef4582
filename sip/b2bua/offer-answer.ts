import { answerFrom, holdsAfter, isOff, offerFrom } from '../sdp/bridge.ts';
import type { SessionDescription } from '../sdp/description.ts';
import type { LocalAudio } from '../sdp/leg-session.ts';
import type { Call } from './call.ts';
import { isAnswered } from './call-state.ts';
import type { Leg } from './leg.ts';

/**
 * One offer/answer exchange (RFC 3264) across the call: one leg offers, the other is offered the same with our address,
 * and its answer comes back. Neither leg's media changes before `accept`.
 */
export class OfferAnswer {
  readonly #call: Call;
  readonly #offerer: Leg;
  readonly #answerer: Leg;
  readonly offer: SessionDescription;
  /** What the answerer is offered, and `offerText` says. */
  readonly offered: LocalAudio;
  /** The offer to send to the answerer. */
  readonly offerText: string;

  constructor(call: Call, offerer: Leg, offer: SessionDescription, answerer: Leg) {
    this.#call = call;
    this.#offerer = offerer;
    this.#answerer = answerer;
    this.offer = offer;
    this.offered = offerFrom(offer.audio, answerer.agreed);
    this.offerText = answerer.session.offer(this.offered);
  }

  /** Takes the answer, tells media of both legs, and returns the answer for the offerer. May come again (forking). */
  accept(answer: SessionDescription): string {
    const local = answerFrom(this.offer.audio, answer.audio);
    const text = this.#offerer.session.answer(this.offer, local);
    this.#settle(this.#offerer, this.offer, local, holdsAfter(this.offer.audio, null, this.#offerer.holding));
    const answererHolds = isOff(this.offer.audio)
      ? this.#answerer.holding
      : holdsAfter(answer.audio, this.offered, this.#answerer.holding);
    this.#settle(this.#answerer, answer, this.offered, answererHolds);
    return text;
  }

  #settle(leg: Leg, remote: SessionDescription, local: LocalAudio, holding: boolean): void {
    const changed = holding !== leg.holding;
    leg.remote = remote;
    leg.agreed = local;
    leg.holding = holding;
    this.#call.applyMedia(leg);
    if (changed && isAnswered(this.#call.state)) this.#call.note(holding ? 'hold' : 'resume', leg.side);
  }
}
