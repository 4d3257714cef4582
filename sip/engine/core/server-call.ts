import type { AppLink } from '../control/app-link.ts';
import { dialogFromRequest, type Dialog } from '../dialog/dialog.ts';
import { listsToken, parseNameAddr } from '../message/fields.ts';
import { Headers } from '../message/headers.ts';
import { serialize, type ReceivedRequest, type SipRequest, type SipResponse } from '../message/message.ts';
import { Retransmission } from '../transaction/retransmission.ts';
import type { ServerTransaction } from '../transaction/transaction.ts';
import type { Flow } from '../transport/flow.ts';
import { endDialog } from './byes.ts';
import { refreshesTarget } from './app-request.ts';
import { cancelFor } from './client-request.ts';
import type { Core } from './core.ts';
import { copyAppHeaders, ownContact, ownHost } from './draft.ts';
import { ReliableProvisionals } from './reliable.ts';
import { responseTo } from './respond.ts';

export interface ServerCallOptions {
  readonly core: Core;
  readonly request: ReceivedRequest;
  readonly flow: Flow;
  readonly transaction: ServerTransaction;
  readonly transactionId: string;
  readonly send: (bytes: Buffer) => void;
  /** Undefined for a request outside a dialog. */
  readonly dialog: Dialog | undefined;
  /** Put in To by every response that does not name its own. */
  readonly toTag: string;
  /** Undefined while it is the engine that answers. */
  readonly link: AppLink | undefined;
  /** A final response was given. */
  readonly done: () => void;
}

/** Requests whose success makes a dialog (RFC 3261 section 12, RFC 6665, RFC 3515). */
const makesDialog: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** A request that we received, until its last response: what the application answers goes out from here. */
export class ServerCall {
  readonly core: Core;
  readonly request: ReceivedRequest;
  readonly flow: Flow;
  readonly transaction: ServerTransaction;
  readonly transactionId: string;
  readonly dialog: Dialog | undefined;
  readonly link: AppLink | undefined;
  readonly #options: ServerCallOptions;
  readonly #toTag: string;
  /** Made by our responses, by the tag that they put in To. */
  readonly #dialogs = new Map<string, Dialog>();
  #reliable: ReliableProvisionals | undefined;
  #finalStatus = 0;

  constructor(options: ServerCallOptions) {
    this.#options = options;
    this.#toTag = options.toTag;
    this.core = options.core;
    this.request = options.request;
    this.flow = options.flow;
    this.transaction = options.transaction;
    this.transactionId = options.transactionId;
    this.dialog = options.dialog;
    this.link = options.link;
  }

  get answered(): boolean {
    return this.#finalStatus !== 0;
  }

  get toTag(): string {
    return this.#toTag;
  }

  /** From the engine itself. Extra headers come behind those of the request. */
  refuse(status: number, extra: readonly (readonly [string, string])[] = []): void {
    if (this.answered) return;
    const response = responseTo(this.request, status, this.#toTag);
    for (const [name, value] of extra) response.headers.add(name, value);
    this.#transmit(response);
    this.#finish(status);
  }

  /** The 100 that stops an INVITE's retransmissions (section 8.2.6.1). */
  trying(): void {
    this.#transmit(responseTo(this.request, 100, ''));
  }

  /**
   * The application's response. Returns what went out (or goes out when the PRACK is there) and the dialog's id, or
   * undefined when the request has been answered finally before.
   */
  respond(app: SipResponse): { readonly response: SipResponse; readonly dialogId: string } | undefined {
    if (this.answered) return undefined;
    const { status } = app;
    const response = this.#build(app);
    const dialog = this.#dialogFor(response);
    const dialogId = dialog?.id ?? '';
    if (this.request.method !== 'INVITE') this.#transmit(response);
    else if (status < 200) this.#sendProvisional(response, dialog);
    else if (status < 300) this.#accept(response, dialog);
    else this.#transmit(response);
    if (status >= 200) this.#finish(status);
    return { response, dialogId };
  }

  /** Section 9.2: the CANCEL itself has been answered. Afterwards the application cannot answer any more. */
  cancel(cancel: SipRequest): void {
    if (this.answered) return;
    this.refuse(487);
    const meta = { flow: this.flow, transactionId: this.transactionId, dialogId: '' };
    this.link?.deliver('network', meta, cancel);
  }

  #build(app: SipResponse): SipResponse {
    const { request, flow } = this;
    const { status } = app;
    const ownTag = parseNameAddr(app.headers.get('To') ?? '')?.params['tag'] ?? '';
    const response = responseTo(request, status, ownTag === '' ? this.#toTag : ownTag, app.reason);
    const { headers } = response;
    const forms = makesDialog.has(request.method) && status > 100 && status < 300;
    if (forms) headers.copy('Record-Route', request.headers);
    const contact = app.headers.get('Contact');
    if (contact !== undefined) headers.add('Contact', ownHost(contact, flow, true));
    else if (forms || (request.method === 'UPDATE' && status < 300)) headers.add('Contact', ownContact(flow));
    copyAppHeaders(app.headers, headers);
    return { ...response, body: app.body };
  }

  /** The dialog that this response makes, has made, or goes in. */
  #dialogFor(response: SipResponse): Dialog | undefined {
    const { status } = response;
    if (this.dialog !== undefined) {
      if (status >= 200 && status < 300) this.#followRefresh(this.dialog, response);
      return this.dialog;
    }
    if (!makesDialog.has(this.request.method) || status <= 100 || this.link === undefined) return undefined;
    if (status >= 300 || (status < 200 && this.request.method !== 'INVITE')) return undefined;
    const localTag = parseNameAddr(response.headers.get('To') ?? '')?.params['tag'] ?? '';
    const dialog = this.#dialogs.get(localTag) ?? this.#addDialog(localTag, this.link);
    if (response.body.length > 0) dialog.localSdp = response.body;
    if (status >= 200) {
      dialog.confirm();
      this.core.sessions.apply(dialog, response.headers, false);
    }
    return dialog;
  }

  #followRefresh(dialog: Dialog, response: SipResponse): void {
    const { method, headers } = this.request;
    if (refreshesTarget.has(method)) dialog.refreshTarget(headers);
    if (method !== 'INVITE' && method !== 'UPDATE') return;
    if (response.body.length > 0) dialog.localSdp = response.body;
    this.core.sessions.apply(dialog, response.headers, false);
  }

  #addDialog(localTag: string, link: AppLink): Dialog {
    const id = this.core.dialogs.freeId(this.request.callId, this.request.fromTag);
    const dialog = dialogFromRequest(this.request, { id, localTag, link, flow: this.flow });
    dialog.peerAllowsUpdate = listsToken(this.request.headers.all('Allow'), 'UPDATE');
    dialog.abandonInvite = () => this.cancel(cancelFor(this.request, new Headers()));
    this.#dialogs.set(localTag, dialog);
    this.core.dialogs.add(dialog);
    return dialog;
  }

  #sendProvisional(response: SipResponse, dialog: Dialog | undefined): void {
    if (!listsToken(response.headers.all('Require'), '100rel') || response.status === 100) {
      this.#transmit(response);
      return;
    }
    const reliable = (this.#reliable ??= new ReliableProvisionals(this.core, this.request.cseq, (bytes, status) => {
      this.core.counters.sent('response', this.flow.transport);
      this.transaction.respond(status, bytes);
    }));
    if (dialog !== undefined) dialog.acknowledgeProvisional = (rack) => reliable.acknowledge(rack);
    reliable.send(response, () => {
      this.core.counters.timeout('prack');
      // A 2xx that waited for the PRACK has not gone out: the caller is told of the failure instead.
      this.#finalStatus = 0;
      this.refuse(504);
    });
  }

  /** A 2xx goes out when every reliable provisional response before it has been acknowledged. */
  #accept(response: SipResponse, dialog: Dialog | undefined): void {
    const accept = (): void => {
      const bytes = serialize(response);
      this.core.counters.sent('response', this.flow.transport);
      this.transaction.respond(response.status, bytes);
      if (dialog !== undefined) this.#awaitAck(dialog, bytes);
    };
    if (this.#reliable === undefined) accept();
    else this.#reliable.whenAcknowledged(accept);
  }

  /** Section 13.3.1.4: over TCP too, for the way to the caller may have other hops. */
  #awaitAck(dialog: Dialog, bytes: Buffer): void {
    const { core, request } = this;
    const sending = new Retransmission(core.scheduler, core.timers, {
      capMs: core.timers.t2Ms,
      repeat: true,
      send: () => {
        core.counters.retransmitted();
        this.#options.send(bytes);
      },
      giveUp: () => this.#noAck(dialog),
    });
    dialog.awaitAck(request.cseq, () => sending.stop());
  }

  /** Nobody acknowledged. A BYE of the application that waited for it is not needed any more. */
  #noAck(dialog: Dialog): void {
    this.core.counters.timeout('ack');
    const byes = dialog.afterAck.splice(0);
    void endDialog(this.core, dialog, 'SIP;cause=408;text="ACK timeout"');
    for (const bye of byes) bye();
  }

  #transmit(response: SipResponse): void {
    this.core.counters.sent('response', this.flow.transport);
    this.transaction.respond(response.status, serialize(response));
  }

  #finish(status: number): void {
    this.#finalStatus = status;
    const { dialog } = this;
    if (dialog !== undefined && this.request.method === 'INVITE') dialog.inviteReceived = false;
    if (dialog !== undefined && this.request.method === 'UPDATE') dialog.updateReceived = false;
    for (const made of this.#dialogs.values()) {
      if (status >= 300 || made.state === 'early') this.core.dialogs.end(made);
    }
    if (status >= 300) this.#reliable?.stop();
    this.#options.done();
  }
}
