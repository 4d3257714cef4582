import { hasCode } from '#lib/errors.ts';
import type { RecordingOffer } from '../sdp/offer.ts';
import { RecorderDescription } from '../sdp/recorder-description.ts';
import type { PartySide } from '../types.ts';
import { ownOffer } from './own-offer.ts';
import type { Feeder, RecordedCall } from './recorded-call.ts';
import { RecordingLines } from './recording-lines.ts';
import type { AssignedLine } from './sides.ts';
import type { SrsContext } from './srs-context.ts';

export interface RecordingExchangeOptions {
  readonly ourAddress: string;
  readonly signallingAddress: string;
  readonly namedSide: PartySide | null;
  /** The dialog is over: what media has made ready meanwhile is of no use. */
  readonly isOver: () => boolean;
}

/** Offers and answers of one dialog with a recording client (RFC 3264), and what follows of them for the call. */
export class RecordingExchange {
  readonly #context: SrsContext;
  readonly #call: RecordedCall;
  readonly #isOver: () => boolean;
  readonly #description: RecorderDescription;
  readonly #lines: RecordingLines;
  /** Our description went out in a 2xx as an offer: the ACK has the answer. `again`: it repeats what is agreed. */
  #awaitsAnswer: 'first' | 'again' | undefined;

  constructor(context: SrsContext, call: RecordedCall, feeder: Feeder, options: RecordingExchangeOptions) {
    this.#context = context;
    this.#call = call;
    this.#isOver = options.isOver;
    this.#description = new RecorderDescription(options.ourAddress);
    this.#lines = new RecordingLines(call, feeder, options);
  }

  get lines(): readonly AssignedLine[] {
    return this.#lines.assigned;
  }

  /** Of the INVITE: undefined leaves the offer to us. @throws SidetoneError `ports-exhausted`, `media-worker-lost` */
  async begin(offer: RecordingOffer | undefined): Promise<void> {
    this.#awaitsAnswer = offer === undefined ? 'first' : undefined;
    await this.#take(offer ?? ownOffer(this.#call.state));
  }

  /** What answers the last offer, or is an offer where there was none. */
  describe(): string {
    return this.#description.write(this.#lines.described);
  }

  /**
   * Of an update. Where media has no place for it, that is noted, and all stays as it was.
   * @returns the description for the 2xx: undefined where none belongs there. False: it cannot be taken.
   */
  async update(offer: RecordingOffer | undefined, method: string): Promise<string | undefined | false> {
    if (offer === undefined) {
      this.#lines.reassign();
      this.#call.updateParties();
      // An UPDATE may come before the ACK that has the answer.
      if (method !== 'INVITE') return undefined;
      this.#awaitsAnswer = 'again';
      return this.#description.last;
    }
    try {
      await this.#take(offer);
    } catch (thrown) {
      const why = hasCode(thrown, 'ports-exhausted') ? 'ports-exhausted' : 'media-failed';
      this.#call.forked.note('stream-not-taken', why);
      return false;
    }
    if (method === 'INVITE') this.#awaitsAnswer = undefined;
    return this.describe();
  }

  /** The ACK came. @returns whether an answer belongs into it, and whether there has been none at all so far */
  acknowledged(): 'first' | 'again' | undefined {
    const awaited = this.#awaitsAnswer;
    this.#awaitsAnswer = undefined;
    return awaited;
  }

  /** The answer to our offer. @throws SidetoneError `ports-exhausted`, `media-worker-lost` */
  agree(answer: RecordingOffer): Promise<void> {
    return this.#take(answer);
  }

  /** Nothing more is to be expected of its streams. */
  rest(): void {
    this.#lines.rest();
  }

  /** @throws SidetoneError `ports-exhausted`, `media-worker-lost` */
  async #take(offer: RecordingOffer): Promise<void> {
    const notTaken = await this.#lines.take(offer);
    if (this.#isOver()) return;
    const { forked } = this.#call;
    for (const why of notTaken) forked.note('stream-not-taken', why);
    if (this.#context.config.siprec.pauseOnInactive) forked.wantPause(this.#lines.allInactive, 'siprec');
    this.#call.updateParties();
  }
}
