import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { IntakeCall, TalkSide, TerminationReason } from '../types.ts';
import type { NgClient } from './ng-client.ts';
import type { Participant } from './ng.ts';
import { queryParticipants, type Subscription } from './subscription.ts';

export interface CopiedCallOptions {
  readonly ng: NgClient;
  readonly sipCallId: string;
  readonly tags: Readonly<Record<TalkSide, string>>;
  readonly call: IntakeCall;
  readonly subscription: Subscription;
  /** How often rtpengine is asked whether the call still is, and who holds whom. */
  readonly pollMs: number;
  readonly logger: Logger;
  readonly onOver: () => void;
}

/**
 * A running copy. It ends when the proxy says that the call is over, when rtpengine has forgotten the call (which it
 * does some time after the proxy has told it: `--delete-delay`, 30 s), when the house wants it over, or when rtpengine
 * is lost. Whatever ends it ends here, once.
 */
export class CopiedCall {
  readonly callId: string;
  readonly #options: CopiedCallOptions;
  readonly #beganEpochMs = Date.now();
  readonly #timer: NodeJS.Timeout;
  #ending: Promise<void> | undefined;
  #isAsking = false;
  #renewing: Promise<void> | undefined;
  /** What was asked while the last answer was on its way. */
  #renewAgain = false;

  constructor(options: CopiedCallOptions) {
    this.callId = options.call.callId;
    this.#options = options;
    this.#timer = setInterval(() => void this.check(), options.pollMs);
    options.call.onEndWanted((reason) => void this.end(reason));
  }

  /** Asks rtpengine how the call stands. Never rejects. */
  async check(): Promise<void> {
    if (this.#isAsking || this.#ending !== undefined) return;
    this.#isAsking = true;
    const { ng, sipCallId, tags, subscription, logger } = this.#options;
    try {
      const participants = await queryParticipants(ng, sipCallId, tags.caller);
      if (participants === undefined || !this.#isThere(participants)) await this.#vanished();
      else subscription.follow(participants);
    } catch (thrown) {
      // Whether rtpengine is lost, the client decides; a single question without an answer means nothing.
      logger.debug({ err: toError(thrown), callId: this.callId }, 'rtpengine could not be asked about a copied call');
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * The parties have agreed to something: it may be something else than before. One subscription is renewed at a time, and
   * only once more for all that is told meanwhile. Never rejects.
   */
  renew(): Promise<void> {
    if (this.#renewing === undefined) this.#renewing = this.#renewUntilTrue();
    else this.#renewAgain = true;
    return this.#renewing;
  }

  async #renewUntilTrue(): Promise<void> {
    do {
      this.#renewAgain = false;
      await this.#renewOnce();
    } while (this.#renewAgain && this.#ending === undefined);
    this.#renewing = undefined;
    await this.check();
  }

  async #renewOnce(): Promise<void> {
    const { subscription, call, logger } = this.#options;
    if (this.#ending !== undefined) return;
    try {
      await subscription.renew();
      if (subscription.translated) call.note('copy-translated', 'rtpengine');
    } catch (thrown) {
      logger.warn({ err: toError(thrown), callId: this.callId }, 'a copy could not follow its call');
      call.note('stream-not-taken', 'changed');
    }
  }

  note(note: string, detail: string): void {
    this.#options.call.note(note, detail);
  }

  /** Idempotent: the first reason stands. `told`: rtpengine knows already, or cannot be told. */
  end(reason: TerminationReason, told = false): Promise<void> {
    this.#ending ??= this.#end(reason, told);
    return this.#ending;
  }

  #isThere(participants: readonly Participant[]): boolean {
    const { caller, callee } = this.#options.tags;
    return participants.some(({ tag, hasPorts }) => hasPorts && (tag === caller || tag === callee));
  }

  /** Forgotten because it is over, or because rtpengine itself was started anew meanwhile. */
  async #vanished(): Promise<void> {
    const startedEpochMs = await this.#options.ng.startedEpochMs();
    const isNew = startedEpochMs !== undefined && startedEpochMs > this.#beganEpochMs;
    await this.end(isNew ? 'sender-lost' : 'sender-ended', isNew);
  }

  async #end(reason: TerminationReason, told: boolean): Promise<void> {
    clearInterval(this.#timer);
    const { call, subscription, onOver } = this.#options;
    const ended = call.end(reason);
    if (!told) await subscription.close();
    await ended;
    onOver();
  }
}
