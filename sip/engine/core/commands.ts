import type { AppLink } from '../control/app-link.ts';
import type { Command } from '../control/frames.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { Headers } from '../message/headers.ts';
import type { SipResponse } from '../message/message.ts';
import { headEnd, parseHead, type StartLine } from '../message/parse.ts';
import { sendAck } from './acks.ts';
import { AppInvite } from './app-invite.ts';
import { AppRequest, nowhere } from './app-request.ts';
import type { Core } from './core.ts';
import { draftOutside, nextInside, type Draft } from './draft.ts';
import type { Receiver } from './receive.ts';
import { cancelFor } from './client-request.ts';
import { localResponse } from './respond.ts';
import { newTag, randomToken } from './tokens.ts';

const sdpStart = Buffer.from('v=0');
/** A datagram can carry no more. */
const maxBodyBytes = 65_000;

/** What a `sip` command asks to send. */
interface Sending {
  readonly link: AppLink;
  readonly commandId: string;
  readonly transactionId: string;
  readonly dialogId: string;
  readonly proxy: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Carries out the application's `sip|transaction|dialog|proxy` commands. */
export class Commands {
  readonly #core: Core;
  readonly #receiver: Receiver;
  readonly #requests = new Map<string, AppRequest>();

  constructor(core: Core, receiver: Receiver) {
    this.#core = core;
    this.#receiver = receiver;
  }

  handle(link: AppLink, command: Command): void {
    const end = headEnd(command.message);
    const head = end === -1 ? undefined : parseHead(command.message.toString('utf8', 0, end));
    if (head === undefined || !head.clean || head.start.kind === 'broken') {
      link.notOk(command.id, 'message cannot be parsed');
      return;
    }
    const [transactionId = '', dialogId = '', proxy = ''] = command.fields;
    // The message ends the frame: what Content-Length says was counted in characters.
    const body = command.message.subarray(end + 4);
    if (body.length > maxBodyBytes) {
      link.notOk(command.id, 'body is too long');
      return;
    }
    // As drachtio-server does.
    if (!head.headers.has('Content-Type') && body.subarray(0, 3).equals(sdpStart)) {
      head.headers.add('Content-Type', 'application/sdp');
    }
    const sending: Sending = {
      link,
      commandId: command.id,
      transactionId,
      dialogId,
      proxy,
      headers: head.headers,
      body,
    };
    if (head.start.kind === 'response') this.#respond(sending, head.start);
    else this.#request(sending, head.start.method, head.start.uri);
  }

  #respond(sending: Sending, start: StartLine & { kind: 'response' }): void {
    const { link, commandId, transactionId, headers, body } = sending;
    const call = this.#receiver.call(transactionId);
    const app: SipResponse = { kind: 'response', status: start.status, reason: start.reason, headers, body };
    const sent = call?.respond(app);
    if (call === undefined || sent === undefined) {
      link.notOk(commandId, 'transaction is over');
      return;
    }
    link.ok(commandId, { flow: call.flow, transactionId, dialogId: sent.dialogId }, sent.response);
  }

  #request(sending: Sending, method: string, uri: string): void {
    if (method === 'CANCEL') this.#cancel(sending);
    else if (sending.dialogId !== '') this.#inside(sending, method);
    else if (method === 'ACK') sending.link.notOk(sending.commandId, 'unable to find dialog');
    else this.#start(sending, draftOutside(method, uri, sending.headers, sending.body, sending.proxy), undefined);
  }

  #cancel(sending: Sending): void {
    const { link, commandId, transactionId, headers } = sending;
    const invite = this.#requests.get(transactionId);
    const { message } = invite ?? {};
    if (invite === undefined || message === undefined || !invite.cancel(headers)) {
      link.notOk(commandId, 'unable to find transaction to cancel');
      return;
    }
    link.ok(commandId, { flow: nowhere, transactionId: randomToken(12), dialogId: '' }, cancelFor(message, headers));
  }

  #inside(sending: Sending, method: string): void {
    const { link, commandId, dialogId, headers, body } = sending;
    const dialog = this.#core.dialogs.byId(dialogId);
    if (dialog === undefined) {
      // A non-2xx is acknowledged by its transaction: the agent's own ACK for it has nothing left to do.
      link.notOk(commandId, 'unable to find dialog');
      return;
    }
    if (method === 'ACK') {
      const out = this.#ack(sending, dialog).finally(() => {
        dialog.sendingAck = undefined;
      });
      // Out already, unless a name is being looked up or a connection opened.
      if (dialog.lastAck?.sequence !== dialog.acceptedInvite?.sequence) dialog.sendingAck = out;
      return;
    }
    if (method === 'INVITE' && (dialog.inviteSent || dialog.inviteReceived)) {
      this.#glare(sending, nextInside(dialog, method, headers, body));
      return;
    }
    const start = (): void => {
      if (this.#core.dialogs.byId(dialogId) === dialog)
        this.#start(sending, nextInside(dialog, method, headers, body), dialog);
      else link.notOk(commandId, 'unable to find dialog');
    };
    // RFC 3261 section 15: who was called sends no BYE before the ACK of its 2xx has come or been given up.
    if (method === 'BYE' && dialog.awaitsAck) dialog.afterAck.push(start);
    else if (dialog.sendingAck !== undefined) void dialog.sendingAck.then(start);
    else start();
  }

  async #ack(sending: Sending, dialog: Dialog): Promise<void> {
    const { link, commandId, dialogId, headers, body } = sending;
    // The agent says ACK to refusals too: those have been acknowledged by their transaction.
    if (dialog.acceptedInvite === undefined || dialog.lastAck?.sequence === dialog.acceptedInvite.sequence) {
      link.notOk(commandId, 'nothing to acknowledge');
      return;
    }
    try {
      const message = await sendAck(this.#core, dialog, headers, body);
      // The answer of a delayed offer.
      if (body.length > 0) dialog.localSdp = body;
      link.ok(commandId, { flow: dialog.flow, transactionId: '', dialogId }, message);
    } catch {
      link.notOk(commandId, 'next hop cannot be reached');
    }
  }

  #start(sending: Sending, draft: Draft, dialog: Dialog | undefined): void {
    const transactionId = randomToken(12);
    const options = {
      core: this.#core,
      link: sending.link,
      commandId: sending.commandId,
      transactionId,
      draft,
      dialog,
      done: () => this.#requests.delete(transactionId),
    };
    const request = draft.method === 'INVITE' ? new AppInvite(options) : new AppRequest(options);
    this.#requests.set(transactionId, request);
    void request.start();
  }

  /** RFC 3261 section 14.1: one INVITE at a time in a dialog. The application is told what the peer would say. */
  #glare(sending: Sending, draft: Draft): void {
    const { link, commandId, dialogId } = sending;
    const transactionId = randomToken(12);
    const headers = new Headers().add('Via', 'SIP/2.0/UDP localhost');
    for (let at = 0; at < draft.headers.names.length; at += 1) {
      headers.add(draft.headers.names[at] ?? '', draft.headers.values[at] ?? '');
    }
    const message = { kind: 'request', method: 'INVITE', uri: draft.requestUri, headers, body: draft.body } as const;
    const meta = { flow: nowhere, transactionId, dialogId };
    link.ok(commandId, meta, message);
    link.deliver('network', meta, localResponse(message, 491, newTag()));
  }
}
