import { StateMachine } from '#lib/state-machine.ts';
import { callSteps, isAnswered, refusalFor, terminationOf, type BridgedCallState } from './call-state.ts';
import { mediaSettings, offeredSettings } from '../sdp/bridge.ts';
import type { LocalAudio } from '../sdp/leg-session.ts';
import type { MediaCall, TalkSide, TerminationReason } from '../types.ts';
import { PauseWishes, type PauseWisher } from '../pause-wishes.ts';
import type { CallContext } from './context.ts';
import { sendInDialog } from './dialog-request.ts';
import type { Leg } from './leg.ts';
import { InfoCodes } from './info-codes.ts';
import type { HeaderFields, SipRequest } from './messages.ts';

export interface EndOptions {
  /** Final status that ended the set-up, where it is not what `refusalFor` says. */
  readonly sipStatus?: number;
  /** This side has gone by itself: it gets no BYE. */
  readonly gone?: TalkSide | 'both';
  /** Fields for the BYEs, such as Reason. */
  readonly headers?: HeaderFields;
}

/** A little over the 64*T1 after which the engine gives up and says so by itself (RFC 3261 section 13.3.1.4). */
const noAckT1 = 68;

/**
 * A bridged call: two legs, its media, its state (call-state.ts) and its clocks. Whatever ends it ends here, once.
 */
export class Call {
  readonly callId: string;
  readonly caller: Leg;
  readonly media: MediaCall;
  readonly infoCodes: InfoCodes;
  readonly #context: CallContext;
  #callee: Leg | undefined;
  readonly #machine = new StateMachine<BridgedCallState>('routing', callSteps);
  /** Told when the call ends before it was answered: the set-up must refuse the caller and give up its target. */
  onAborted: ((reason: TerminationReason) => void) | undefined;
  /** Receives the requests of either leg's dialog. */
  onRequest: ((leg: Leg, request: SipRequest) => void) | undefined;
  /** Another call took this one's place (RFC 3891): the BYE that follows ends it as `replaced`. */
  replaced = false;
  readonly #pauses: PauseWishes;
  #ackTimer: NodeJS.Timeout | undefined;
  #longestTimer: NodeJS.Timeout | undefined;
  #acknowledged: (() => void)[] = [];

  constructor(context: CallContext, callId: string, caller: Leg, media: MediaCall) {
    this.#context = context;
    this.callId = callId;
    this.caller = caller;
    this.media = media;
    this.infoCodes = new InfoCodes(context.config.pause.dtmf);
    this.#pauses = new PauseWishes(
      (paused) => media.pause(paused),
      (note, by) => this.note(note, by),
    );
  }

  get state(): BridgedCallState {
    return this.#machine.state;
  }

  get callee(): Leg | undefined {
    return this.#callee;
  }

  /** The B leg; replaced while targets are tried, final once the call is answered. */
  set callee(leg: Leg | undefined) {
    this.#callee = leg;
  }

  other(leg: Leg): Leg | undefined {
    return leg === this.caller ? this.#callee : this.caller;
  }

  ring(): void {
    if (this.state === 'routing') this.#machine.enter('ringing');
  }

  /** The caller was sent 2xx. Its ACK is due within 64*T1. */
  answer(): void {
    this.#machine.enter('answering');
    this.caller.confirmed = true;
    const { config, timers, clock } = this.#context;
    this.#context.emit(
      Object.freeze({ type: 'answered', callId: this.callId, atEpochMs: clock.nowEpochMs() } as const),
    );
    this.#ackTimer = setTimeout(() => {
      this.end('no-ack');
      this.#settleAck();
    }, noAckT1 * timers.t1Ms).unref();
    this.#longestTimer = setTimeout(() => this.end('max-duration'), config.sip.maxDurationS * 1000);
  }

  acknowledge(): void {
    if (this.state === 'answering') this.#machine.enter('established');
    this.#settleAck();
  }

  note(note: string, detail: string): void {
    const atEpochMs = this.#context.clock.nowEpochMs();
    this.#context.emit(Object.freeze({ type: 'note', callId: this.callId, atEpochMs, note, detail } as const));
  }

  /** Recording and recognition stop or go on; the talk does not notice. `by`: the name that the audit log has. */
  pause(paused: boolean, by: string): void {
    if (this.state !== 'ended') this.#pauses.byName(paused, by);
  }

  /** From within the call. */
  wantPause(paused: boolean, who: PauseWisher): void {
    if (this.state !== 'ended') this.#pauses.within(paused, who);
  }

  /** Tells media what the leg has agreed to. */
  applyMedia(leg: Leg): void {
    if (leg.remote === null || this.state === 'ended') return;
    this.media.update(leg.side, mediaSettings(leg.remote.audio, leg.agreed, leg.sourceAddresses, leg.holding));
  }

  /** Tells media what a leg may send before it has answered what it is offered. */
  applyOffer(leg: Leg, offered: LocalAudio): void {
    if (this.state !== 'ended') this.media.update(leg.side, offeredSettings(offered, leg.sourceAddresses));
  }

  /** Ends the call; later calls change nothing. Never throws. */
  end(reason: TerminationReason, options: EndOptions = {}): void {
    if (this.state === 'ended') return;
    const before = this.state;
    const because = this.replaced && reason.endsWith('hung-up') ? 'replaced' : reason;
    const termination = terminationOf(before, because, options.sipStatus ?? refusalFor(reason));
    this.#machine.enter('ended');
    clearTimeout(this.#longestTimer);
    if (!isAnswered(before)) this.onAborted?.(reason);
    const { tasks, clock, metrics, registry, logger } = this.#context;
    const closing = Promise.all([this.#hangUp(this.caller, options), this.#hangUp(this.#callee, options)]).finally(
      () => {
        registry.removeLeg(this.caller);
        if (this.#callee !== undefined) registry.removeLeg(this.#callee);
        registry.calls.remove(this.callId);
      },
    );
    // Nothing more is relayed once the call is over, whoever has yet to answer a BYE.
    tasks.add(this.media.close());
    tasks.add(closing);
    this.#context.emit(
      Object.freeze({ type: 'ended', callId: this.callId, atEpochMs: clock.nowEpochMs(), termination } as const),
    );
    metrics.ended(termination);
    logger.info({ callId: this.callId, ...termination }, 'call ended');
  }

  async #hangUp(leg: Leg | undefined, options: EndOptions): Promise<void> {
    if (leg === undefined) return;
    leg.acknowledge(undefined);
    if (!leg.confirmed) return;
    // RFC 3261 section 15: no BYE to a caller whose ACK is still to come; its own BYE settles the matter too.
    if (leg === this.caller) await this.#whenAcknowledged(options.gone === leg.side || options.gone === 'both');
    if (options.gone === leg.side || options.gone === 'both') return;
    await sendInDialog(this.#context, leg, { method: 'BYE', ...(options.headers && { headers: options.headers }) })
      .final;
  }

  #whenAcknowledged(gone: boolean): Promise<void> {
    if (gone) this.#settleAck();
    if (this.#ackTimer === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#acknowledged.push(resolve));
  }

  #settleAck(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    for (const resolve of this.#acknowledged) resolve();
    this.#acknowledged = [];
  }
}
