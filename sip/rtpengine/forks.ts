import { once } from '#lib/closing.ts';
import { hasCode, SidetoneError, toError } from '#lib/errors.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Logger } from '#lib/log.ts';
import type { CallIntake, IntakeCall, SourceIdentity, SourceNotes, TerminationReason } from '../types.ts';
import { CopiedCall } from './copied-call.ts';
import { forkRemedies, unforeseen } from './fork-remedies.ts';
import { readForkRequest, type ForkRequest } from './fork-request.ts';
import type { NgClient, NgState } from './ng-client.ts';
import { partiesFrom, sidesOf } from './parties.ts';
import { queryParticipants, requestSubscription, Subscription, unsubscribe } from './subscription.ts';

export interface RtpengineForksOptions {
  readonly ng: NgClient;
  readonly intake: CallIntake;
  readonly notes: SourceNotes;
  readonly localAddresses: LocalAddresses;
  readonly logger: Logger;
  readonly timing?: Partial<ForkTiming>;
}

export interface ForkTiming {
  readonly pollMs: number;
  /** How long rtpengine may be silent until its copies are given up. */
  readonly graceMs: number;
}
const defaultTiming: ForkTiming = { pollMs: 5000, graceMs: 10_000 };

type RtpengineSource = SourceIdentity & { readonly source: 'rtpengine' };

/** Copies of calls that a proxy anchors in rtpengine. */
export interface RtpengineForks {
  /** What its calls and refusals are filed under. */
  readonly source: RtpengineSource;
  /**
   * Takes a copy of a call, which must be answered. Asked again for the same call, gives the same answer.
   * @throws SidetoneError `bad-request`, `not-found` (rtpengine does not know it), `conflict` (not answered, or several
   *   parties answered), `unsupported-audio`, `rtpengine-unavailable`, `rtpengine-refused`, `server-draining`,
   *   `at-capacity`, `ports-exhausted`, `media-worker-lost`
   */
  fork(request: ForkRequest): Promise<{ readonly callId: string }>;
  /** The proxy says that the parties have agreed to something anew. @returns false when no copy of it runs. */
  changed(sipCallId: string): Promise<boolean>;
  /** The proxy says that the call is over. @returns false when no copy of it runs. */
  release(sipCallId: string): Promise<boolean>;
  /** For readiness and pages. */
  status(): { readonly address: string; readonly state: NgState; readonly copies: number };
  /** Ends every copy. Idempotent. */
  close(): Promise<void>;
}

export function createRtpengineForks(options: RtpengineForksOptions): RtpengineForks {
  return new Forks(options);
}

class Forks implements RtpengineForks {
  readonly source: RtpengineSource;
  readonly #options: RtpengineForksOptions;
  readonly #timing: ForkTiming;
  /** By SIP Call-ID. */
  readonly #copies = new Map<string, CopiedCall>();
  readonly #starting = new Map<string, Promise<CopiedCall>>();
  readonly #stopListening: () => void;
  #lost: NodeJS.Timeout | undefined;

  constructor(options: RtpengineForksOptions) {
    this.#options = options;
    this.source = Object.freeze({ source: 'rtpengine', sourceName: options.ng.host });
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#stopListening = options.ng.subscribe((state) => this.#onState(state));
  }

  async fork(asked: ForkRequest): Promise<{ readonly callId: string }> {
    const { ng, notes } = this.#options;
    try {
      const begun = await this.#forkOnce(readForkRequest(asked));
      notes.seen(this.source, ng.address);
      return begun;
    } catch (thrown) {
      const reason = thrown instanceof SidetoneError ? thrown.code : 'internal-error';
      notes.refused(this.source, ng.address, { reason, remedy: forkRemedies[reason] ?? unforeseen });
      throw thrown;
    }
  }

  async #forkOnce(request: ForkRequest): Promise<{ readonly callId: string }> {
    const { sipCallId } = request;
    const known = this.#copies.get(sipCallId) ?? this.#starting.get(sipCallId);
    if (known !== undefined) return { callId: (await known).callId };
    const starting = this.#start(request).finally(() => this.#starting.delete(sipCallId));
    this.#starting.set(sipCallId, starting);
    const { callId } = await starting;
    return { callId };
  }

  async changed(sipCallId: string): Promise<boolean> {
    const copy = await this.#running(sipCallId);
    await copy?.renew();
    return copy !== undefined;
  }

  async release(sipCallId: string): Promise<boolean> {
    const copy = await this.#running(sipCallId);
    await copy?.end('sender-ended');
    return copy !== undefined;
  }

  #running(sipCallId: string): CopiedCall | Promise<CopiedCall | undefined> | undefined {
    return this.#copies.get(sipCallId) ?? this.#starting.get(sipCallId)?.catch(() => undefined);
  }

  status(): { readonly address: string; readonly state: NgState; readonly copies: number } {
    const { ng } = this.#options;
    return { address: ng.address, state: ng.state, copies: this.#copies.size };
  }

  readonly close = once(async () => {
    this.#stopListening();
    clearTimeout(this.#lost);
    await Promise.allSettled(this.#starting.values());
    await Promise.all([...this.#copies.values()].map((copy) => copy.end('server-shutdown')));
  });

  async #start(request: ForkRequest): Promise<CopiedCall> {
    const { ng, logger } = this.#options;
    const { sipCallId } = request;
    // Asked even if it was away a moment ago: a proxy that has just used it knows better.
    const participants = await queryParticipants(ng, sipCallId);
    if (participants === undefined) {
      throw new SidetoneError('not-found', 'rtpengine does not know this call: is it anchored there, and not over?');
    }
    const sides = sidesOf(participants, request);
    const pending = await requestSubscription(ng, sipCallId, sides);
    let call: IntakeCall | undefined;
    try {
      call = await this.#options.intake.begin({
        ...this.source,
        sipCallIds: [sipCallId],
        parties: partiesFrom(request),
        headers: {},
        phrases: request.phrases,
      });
      const subscription = await Subscription.accept({
        ng,
        sipCallId,
        sides,
        pending,
        fork: call.fork,
        ourAddress: await this.#options.localAddresses.learn(ng.peerAddress),
        alsoFrom: [ng.peerAddress],
      });
      const copy = new CopiedCall({
        ng,
        sipCallId,
        tags: { caller: sides.caller.tag, callee: sides.callee.tag },
        call,
        subscription,
        pollMs: this.#timing.pollMs,
        logger,
        onOver: () => this.#copies.delete(sipCallId),
      });
      this.#copies.set(sipCallId, copy);
      call.answered();
      if (pending.translated) call.note('copy-translated', 'rtpengine');
      if (subscription.streams.size < 2) call.note('stream-not-taken', 'codec');
      return copy;
    } catch (thrown) {
      await call?.end(reasonOf(toError(thrown)));
      await unsubscribe(ng, sipCallId, pending.toTag);
      throw thrown;
    }
  }

  #onState(state: NgState): void {
    clearTimeout(this.#lost);
    const copies = [...this.#copies.values()];
    if (state === 'up') {
      for (const copy of copies) {
        copy.note('rtpengine', 'back');
        void copy.check();
      }
      return;
    }
    for (const copy of copies) copy.note('rtpengine', 'silent');
    this.#lost = setTimeout(() => {
      if (this.#copies.size === 0) return;
      this.#options.logger.error({ copies: this.#copies.size }, 'rtpengine is lost: its copied calls are ended');
      for (const copy of this.#copies.values()) void copy.end('sender-lost', true);
    }, this.#timing.graceMs);
  }
}

function reasonOf(error: Error): TerminationReason {
  if (hasCode(error, 'ports-exhausted')) return 'ports-exhausted';
  if (hasCode(error, 'rtpengine-unavailable')) return 'sender-lost';
  if (hasCode(error, 'rtpengine-refused')) return 'not-acceptable-here';
  return 'media-failed';
}
