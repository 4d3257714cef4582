import { dialogFromResponse, type Dialog } from '../dialog/dialog.ts';
import { listsToken } from '../message/fields.ts';
import { Headers } from '../message/headers.ts';
import { noBody, type ReceivedResponse, type SipRequest } from '../message/message.ts';
import { giveUpMs, type TimerHandle } from '../transaction/timers.ts';
import type { Flow } from '../transport/flow.ts';
import { resendAck, sendAck } from './acks.ts';
import { endDialog, endUnwanted } from './byes.ts';
import { AppRequest, type AppRequestOptions } from './app-request.ts';

/** After a CANCEL that the 2xx crossed, the application has this many T1 to acknowledge; then the engine ends it. */
const cancelledAckT1 = 8;

/** Forks of one INVITE that are followed; more is no ringing but a flood. */
const mostForks = 32;

/**
 * An INVITE that the application asked for, in a dialog or outside one, with the dialogs that its responses make
 * (RFC 3261 section 13.2.2). The first 2xx is the application's; it acknowledges it by an ACK with the dialog's id.
 * A 2xx of another fork, or one that is not acknowledged in time, is acknowledged and ended with BYE here.
 */
export class AppInvite extends AppRequest {
  /** By To tag. */
  readonly #early = new Map<string, Dialog>();
  readonly #unwanted = new Map<string, Promise<Dialog>>();
  /** Last RSeq heard, by To tag (RFC 3262 section 4). */
  readonly #lastRSeq = new Map<string, number>();
  #accepted: Dialog | undefined;
  #ackWait: TimerHandle | undefined;

  constructor(options: AppRequestOptions) {
    super(options);
    if (this.dialog !== undefined) this.dialog.inviteSent = true;
  }

  override response(response: ReceivedResponse, flow: Flow): void {
    if (response.status < 200) this.#provisional(response, flow);
    else if (response.status < 300) this.#answered(response, flow);
    else this.#refused(() => this.deliver(response, flow, this.dialog?.id ?? ''));
  }

  override failed(status: 408 | 487 | 503): void {
    this.#refused(() => super.failed(status));
  }

  override lateAnswer(response: ReceivedResponse, message: SipRequest, flow: Flow): void {
    this.#end(response, message, flow);
  }

  protected override over(): void {
    if (this.dialog !== undefined) this.dialog.inviteSent = false;
    super.over();
  }

  #provisional(response: ReceivedResponse, flow: Flow): void {
    if (this.#early.size >= mostForks && !this.#early.has(response.toTag)) {
      this.core.counters.stray('response');
      return;
    }
    if (this.#isKnownReliable(response)) return;
    const dialog = response.status > 100 && response.toTag !== '' ? this.#dialogOf(response, flow) : undefined;
    this.deliver(response, flow, dialog?.id ?? '');
  }

  /** A reliable provisional response goes up once and in order; a gap is filled by its being sent again. */
  #isKnownReliable(response: ReceivedResponse): boolean {
    const rseq = Number(response.headers.get('RSeq'));
    if (!Number.isInteger(rseq) || rseq === 0 || !listsToken(response.headers.all('Require'), '100rel')) return false;
    const last = this.#lastRSeq.get(response.toTag);
    if (last !== undefined && rseq !== last + 1) return true;
    this.#lastRSeq.set(response.toTag, rseq);
    return false;
  }

  #answered(response: ReceivedResponse, flow: Flow): void {
    const message = this.request.message;
    if (message === undefined) return;
    if (this.#accepted !== undefined) {
      if (this.#accepted.remoteTag === response.toTag) resendAck(this.core, this.#accepted, response.cseq);
      else this.#end(response, message, flow);
      return;
    }
    const dialog = this.#dialogOf(response, flow);
    this.#accepted = dialog;
    dialog.flow = flow;
    dialog.answered(response);
    this.core.sessions.apply(dialog, response.headers, true);
    dialog.peerAllowsUpdate = listsToken(response.headers.all('Allow'), 'UPDATE');
    dialog.acceptedInvite = { sequence: response.cseq, headers: message.headers };
    if (message.body.length > 0) dialog.localSdp = message.body;
    for (const other of this.#early.values()) if (other !== dialog) this.core.dialogs.end(other);
    this.#early.clear();
    const waitMs = this.request.cancelled ? cancelledAckT1 * this.core.timers.t1Ms : giveUpMs(this.core.timers);
    this.#ackWait = this.core.scheduler.after(waitMs, () => void this.#notAcknowledged(dialog, response.cseq));
    this.deliver(response, flow, dialog.id);
    this.over();
  }

  /** The application did not say ACK: it is said for it, and the dialog is ended. */
  async #notAcknowledged(dialog: Dialog, sequence: number): Promise<void> {
    if (dialog.lastAck?.sequence === sequence || dialog.state === 'terminated') return;
    this.core.counters.timeout('ack');
    this.core.counters.unwantedAnswer();
    await sendAck(this.core, dialog, new Headers(), noBody).catch(() => undefined);
    await endDialog(this.core, dialog, 'SIP;cause=408;text="not acknowledged"');
  }

  #refused(tell: () => void): void {
    this.core.scheduler.stop(this.#ackWait);
    for (const dialog of this.#early.values()) this.core.dialogs.end(dialog);
    this.#early.clear();
    tell();
    this.over();
  }

  #dialogOf(response: ReceivedResponse, flow: Flow): Dialog {
    if (this.dialog !== undefined) return this.dialog;
    const known = this.#early.get(response.toTag);
    if (known !== undefined) return known;
    const message = this.request.message;
    if (message === undefined) throw new Error('a response before the request');
    const id = this.core.dialogs.freeId(response.callId, response.fromTag);
    const dialog = dialogFromResponse(message, response, { id, link: this.link, flow });
    this.#early.set(response.toTag, dialog);
    this.core.dialogs.add(dialog);
    return dialog;
  }

  #end(response: ReceivedResponse, message: SipRequest, flow: Flow): void {
    const known = this.#unwanted.get(response.toTag);
    if (known === undefined) {
      this.#unwanted.set(response.toTag, endUnwanted(this.core, message, response, flow, this.link));
    } else void known.then((dialog) => resendAck(this.core, dialog, response.cseq));
  }
}
