import type { AppLink } from '../control/app-link.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { Headers } from '../message/headers.ts';
import type { ReceivedResponse, SipRequest } from '../message/message.ts';
import type { Flow } from '../transport/flow.ts';
import { ClientRequest, type ClientRequestUser } from './client-request.ts';
import type { Core } from './core.ts';
import type { Draft } from './draft.ts';
import { localResponse } from './respond.ts';
import { newTag } from './tokens.ts';

/** What the application sees of a request that it asked for. */
export interface AppRequestOptions {
  readonly core: Core;
  readonly link: AppLink;
  /** Of the command, to answer it. */
  readonly commandId: string;
  readonly transactionId: string;
  readonly draft: Draft;
  /** Undefined for a request outside a dialog. */
  readonly dialog: Dialog | undefined;
  /** The request is over: forget it. */
  readonly done: () => void;
}

/** A request other than INVITE that the application asked for. */
export class AppRequest implements ClientRequestUser {
  protected readonly core: Core;
  protected readonly link: AppLink;
  protected readonly dialog: Dialog | undefined;
  protected readonly transactionId: string;
  protected readonly request: ClientRequest;
  readonly #options: AppRequestOptions;

  constructor(options: AppRequestOptions) {
    this.#options = options;
    this.core = options.core;
    this.link = options.link;
    this.dialog = options.dialog;
    this.transactionId = options.transactionId;
    this.request = new ClientRequest(options.core, options.draft, this);
  }

  async start(): Promise<void> {
    try {
      await this.request.start(this.dialog?.flow);
    } catch {
      this.link.notOk(this.#options.commandId, 'next hop cannot be reached');
      this.over();
    }
  }

  /** RFC 3261 section 9.1: INVITE alone. The CANCEL's own fate is told to nobody, as drachtio-server does. */
  cancel(headers: Headers): boolean {
    return this.request.method === 'INVITE' && this.request.cancel(headers);
  }

  get message(): SipRequest | undefined {
    return this.request.message;
  }

  sent(message: SipRequest, flow: Flow): void {
    const dialogId = this.dialog?.id ?? '';
    this.link.ok(this.#options.commandId, { flow, transactionId: this.transactionId, dialogId }, message);
  }

  response(response: ReceivedResponse, flow: Flow): void {
    if (this.dialog !== undefined) this.#follow(this.dialog, response, flow);
    this.deliver(response, flow, this.dialog?.id ?? '');
    if (response.status >= 200) this.over();
  }

  failed(status: 408 | 487 | 503): void {
    const { message } = this.request;
    if (this.dialog !== undefined && this.request.method === 'BYE') this.core.dialogs.end(this.dialog);
    if (message !== undefined) {
      const flow = this.dialog?.flow ?? nowhere;
      const response = localResponse(message, status, newTag());
      this.link.deliver(
        'network',
        { flow, transactionId: this.transactionId, dialogId: this.dialog?.id ?? '' },
        response,
      );
    }
    this.over();
  }

  lateAnswer(_response: ReceivedResponse, _message: SipRequest, _flow: Flow): void {
    // Only an INVITE leaves something behind that has to be ended.
  }

  protected deliver(response: ReceivedResponse, flow: Flow, dialogId: string): void {
    this.link.deliver('network', { flow, transactionId: this.transactionId, dialogId }, response);
  }

  protected over(): void {
    this.#options.done();
  }

  #follow(dialog: Dialog, response: ReceivedResponse, flow: Flow): void {
    dialog.flow = flow;
    if (response.status < 200) return;
    const { method } = this.request;
    const challenged = response.status === 401 || response.status === 407;
    if (method === 'BYE' && !challenged) this.core.dialogs.end(dialog);
    else if (response.status < 300 && refreshesTarget.has(method)) dialog.refreshTarget(response.headers);
    if (method !== 'UPDATE' || response.status >= 300) return;
    const body = this.request.message?.body;
    if (body !== undefined && body.length > 0) dialog.localSdp = body;
    this.core.sessions.apply(dialog, response.headers, true);
  }
}

/** RFC 3261 section 12.2.1.2, RFC 3311, RFC 6665. */
export const refreshesTarget: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** Stands for the peer in what is told of a request that never reached one. */
export const nowhere = {
  transport: 'udp',
  remoteAddress: '127.0.0.1',
  remotePort: 0,
  localAddress: '127.0.0.1',
  localPort: 0,
} as const;
