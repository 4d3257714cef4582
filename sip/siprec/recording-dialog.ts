import { hasCode, toError } from '#lib/errors.ts';
import { StateMachine } from '#lib/state-machine.ts';
import { sendInDialog, type DialogPeer } from '../b2bua/dialog-request.ts';
import type { HeaderFields, SipRequest } from '../b2bua/messages.ts';
import { InfoCodes } from '../b2bua/info-codes.ts';
import { recordCommand } from '../b2bua/record-command.ts';
import { refused, type Refused } from '../b2bua/refusals.ts';
import type { PartySide, TerminationReason } from '../types.ts';
import { ciscoRecording, partyOfSide } from './cisco-recorder.ts';
import { DialogMetadata } from './dialog-metadata.ts';
import type { Feeder, RecordedCall } from './recorded-call.ts';
import { checkRequest, readBody, srsAccept, srsAllow, srsSupported, type RecordingBody } from './recording-invite.ts';
import { RecordingExchange } from './recording-exchange.ts';
import type { RecordingState } from './recording-state.ts';
import { respondOk } from './srs-answer.ts';
import type { SrsContext } from './srs-context.ts';
import type { AssignedLine } from './sides.ts';

/**
 * - `starting`: the INVITE was admitted, its streams are being set up.
 * - `answering`: it was sent 200; the ACK is awaited, for 64*T1 at most (RFC 3261 section 13.3.1.4).
 * - `established`: the ACK came. Updates of any kind happen within this state.
 * - `ended`: nothing more is taken from it.
 */
type DialogState = 'starting' | 'answering' | 'established' | 'ended';
const steps: Readonly<Record<DialogState, readonly DialogState[]>> = {
  starting: ['answering', 'ended'],
  answering: ['established', 'ended'],
  established: ['ended'],
  ended: [],
};

/** s after which a client may try again when media had no place for a stream. */
const retryAfterS = 10;

export interface RecordingDialogOptions {
  readonly ourAddress: string;
  readonly namedSide: PartySide | null;
  readonly refuse: (request: SipRequest, refusal: Refused) => void;
  /** Somebody takes part who must not be recorded. */
  readonly isExcluded: (state: RecordingState) => boolean;
  /** The dialog's id is known: its requests are ours from now on. */
  readonly onDialog: (dialogId: string) => void;
  readonly onGone: () => void;
}

/** One dialog with a recording client (RFC 7866), as recording server: answers, takes updates, ends. */
export class RecordingDialog implements Feeder {
  readonly #context: SrsContext;
  readonly #call: RecordedCall;
  readonly #invite: SipRequest;
  readonly #options: RecordingDialogOptions;
  readonly #exchange: RecordingExchange;
  readonly #metadata: DialogMetadata;
  readonly #codes: InfoCodes;
  readonly #machine = new StateMachine<DialogState>('starting', steps);
  #dialogId = '';
  /** The 200 is on its way: only then is there a dialog to end. */
  #answered: Promise<void> = Promise.resolve();
  /** Requests are worked off one after another: an UPDATE may come while a re-INVITE waits for media. */
  #queue: Promise<void> = Promise.resolve();

  constructor(context: SrsContext, call: RecordedCall, invite: SipRequest, options: RecordingDialogOptions) {
    this.#context = context;
    this.#call = call;
    this.#invite = invite;
    this.#options = options;
    this.#exchange = new RecordingExchange(context, call, this, {
      ourAddress: options.ourAddress,
      signallingAddress: invite.source.address,
      namedSide: options.namedSide,
      isOver: () => this.#over,
    });
    this.#metadata = new DialogMetadata(context, call, {
      peer: () => this.#peer,
      onNoDialog: () => void this.#end('sender-lost'),
      isExcluded: options.isExcluded,
    });
    this.#codes = new InfoCodes(context.config.pause.dtmf);
    this.#metadata.learn(invite);
    call.add(this);
    invite.onCancel(() => void this.#end('caller-cancelled'));
  }

  get callId(): string {
    return this.#call.forked.callId;
  }

  get lines(): readonly AssignedLine[] {
    return this.#exchange.lines;
  }

  get #over(): boolean {
    return this.#machine.state === 'ended';
  }

  get #peer(): DialogPeer {
    return { dialogId: this.#dialogId, trunk: undefined, contact: undefined };
  }

  /** Answers the INVITE. Its metadata is in the call's state already. */
  async start(body: RecordingBody, wantsSnapshot: boolean): Promise<void> {
    try {
      await this.#exchange.begin(body.offer);
    } catch (thrown) {
      // Given up meanwhile, by the client or by us: the fork is closed.
      if (this.#over) return;
      const exhausted = hasCode(thrown, 'ports-exhausted');
      if (!exhausted) this.#context.logger.error({ err: toError(thrown) }, 'stream could not be set up');
      await this.#refuseStart(exhausted ? 'ports-exhausted' : 'media-failed');
      return;
    }
    if (this.#over) return;
    const text = this.#exchange.describe();
    this.#machine.enter('answering');
    if (wantsSnapshot) this.#metadata.want();
    this.#answered = this.#answer(text);
    await this.#answered;
  }

  async #answer(description: string): Promise<void> {
    try {
      const { dialogId } = await respondOk(this.#context.config, this.#invite, this.#call.forked.callId, description);
      this.#dialogId = dialogId;
      this.#options.onDialog(dialogId);
      this.#call.answered();
    } catch {
      // The client's CANCEL was faster.
      await this.#end('caller-cancelled');
    }
  }

  async #refuseStart(reason: 'ports-exhausted' | 'media-failed'): Promise<void> {
    this.#machine.enter('ended');
    this.#options.refuse(this.#invite, refused(503, reason, { 'Retry-After': String(retryAfterS) }));
    this.#options.onGone();
    await this.#call.refuse(this, reason, 503);
  }

  /** A request of the dialog. */
  receive(request: SipRequest): void {
    const respond = (status: number, headers: HeaderFields = {}): void => {
      request.respond(status, { headers }).catch(() => undefined);
    };
    switch (request.method) {
      case 'ACK':
        this.#acknowledged(request);
        return;
      case 'BYE':
        this.#bye(request);
        return;
      case 'INVITE':
      case 'UPDATE':
        if (this.#over) respond(481);
        else this.#enqueue(() => this.#update(request));
        return;
      case 'INFO':
        this.#info(request);
        return;
      case 'OPTIONS':
        respond(200, { Allow: srsAllow, Accept: srsAccept, Supported: srsSupported });
        return;
      default:
        respond(405, { Allow: srsAllow });
    }
  }

  async hangUp(): Promise<void> {
    if (this.#over) return;
    const before = this.#machine.state;
    this.#machine.enter('ended');
    if (before === 'starting') {
      await this.#invite.respond(503, { headers: { 'Retry-After': '30' } }).catch(() => undefined);
    } else {
      await this.#answered;
      if (this.#dialogId !== '') await sendInDialog(this.#context, this.#peer, { method: 'BYE' }).final;
    }
    this.#options.onGone();
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((thrown: unknown) => {
      this.#context.logger.error(
        { err: toError(thrown), callId: this.#call.forked.callId },
        'update of a recording failed',
      );
    });
    this.#context.tasks.add(this.#queue);
  }

  #acknowledged(ack: SipRequest): void {
    if (this.#machine.state === 'answering') this.#machine.enter('established');
    this.#metadata.ask();
    const awaited = this.#exchange.acknowledged();
    if (awaited === undefined) return;
    this.#enqueue(async () => {
      const body = readBody(ack);
      if (body.kind === 'body' && body.offer !== undefined) await this.#exchange.agree(body.offer);
      else if (awaited === 'first') await this.#giveUp('not-acceptable-here');
    });
  }

  async #update(request: SipRequest): Promise<void> {
    if (this.#over) return;
    this.#metadata.learn(request);
    const body = readBody(request);
    const refusal = checkRequest(this.#context.config, request) ?? (body.kind === 'refused' ? body : undefined);
    if (refusal !== undefined) {
      this.#options.refuse(request, refusal);
      return;
    }
    if (body.kind === 'refused') return;
    this.#metadata.take(body.metadata);
    const cisco = ciscoRecording(request.headers.get('from'));
    if (cisco !== undefined) this.#call.describe((side) => partyOfSide(cisco, side));
    const description = await this.#exchange.update(body.offer, request.method);
    if (description === false) {
      await request.respond(500, { headers: { 'Retry-After': String(retryAfterS) } }).catch(() => undefined);
      return;
    }
    const { callId } = this.#call.forked;
    await respondOk(this.#context.config, request, callId, description).catch(() => undefined);
    if (request.method === 'UPDATE') this.#metadata.ask();
  }

  #info(request: SipRequest): void {
    request.respond(this.#over ? 481 : 200).catch(() => undefined);
    if (this.#over) return;
    const { forked } = this.#call;
    const command = recordCommand(request.headers);
    if (command !== undefined) forked.wantPause(command === 'pause', 'siprec-info');
    // Which stream a key belongs to is not said.
    const paused = this.#codes.read('', request, this.#context.clock.nowMs());
    if (paused !== undefined) forked.wantPause(paused, 'dtmf');
  }

  #bye(request: SipRequest): void {
    if (request.unsolicited) {
      // The engine gave the dialog up: the ACK never came, or the session was not refreshed (RFC 4028 section 10).
      const noAck = this.#machine.state === 'answering' || (request.headers.get('reason') ?? '').includes('ACK');
      void this.#end(noAck ? 'no-ack' : 'session-expired');
      return;
    }
    request.respond(200).catch(() => undefined);
    void this.#end('sender-ended');
  }

  async #giveUp(reason: TerminationReason): Promise<void> {
    const bye = this.hangUp();
    await this.#call.remove(this, reason);
    await bye;
  }

  /** The peer has gone by itself. */
  async #end(reason: TerminationReason): Promise<void> {
    if (this.#over) return;
    this.#machine.enter('ended');
    this.#exchange.rest();
    this.#options.onGone();
    await this.#call.remove(this, reason);
  }
}
