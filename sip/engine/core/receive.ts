import type { AppLink } from '../control/app-link.ts';
import type { ControlServer } from '../control/control-server.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { listsToken } from '../message/fields.ts';
import { serialize, type ReceivedRequest, type ReceivedResponse } from '../message/message.ts';
import { badReasons, parseMessage, type BadMessage } from '../message/parse.ts';
import { parseSipUri, schemeOf } from '../message/uri.ts';
import { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { Flow } from '../transport/flow.ts';
import type { Core } from './core.ts';
import { responseSender, responseTo, stampVia } from './respond.ts';
import { ServerCall } from './server-call.ts';
import { newTag, randomToken } from './tokens.ts';

/** Methods that the application may be given; all others are answered 501. */
const knownMethods: ReadonlySet<string> = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE INFO MESSAGE NOTIFY SUBSCRIBE REFER PUBLISH'.split(' '),
);
const schemes: ReadonlySet<string> = new Set(['sip', 'sips', 'tel']);

/** Everything that comes in from the network goes through here. */
export class Receiver {
  readonly #core: Core;
  readonly #control: ControlServer;
  /** Requests outside a dialog that live: From tag, Call-ID and CSeq to the transaction that had them first. */
  readonly #merging = new Map<string, ServerCall>();
  readonly #calls = new Map<string, ServerCall>();
  /**
   * INVITEs that the application has yet to answer, by Call-ID. drachtio-srf knows a pending INVITE by that alone: of two
   * it would take the CANCEL of one for the other's, and never answer that.
   */
  readonly #pendingInvites = new Map<string, ServerCall>();

  constructor(core: Core, control: ControlServer) {
    this.#core = core;
    this.#control = control;
  }

  /** The request that the application may answer by this transaction id. */
  call(transactionId: string): ServerCall | undefined {
    return this.#calls.get(transactionId);
  }

  /** The transaction is over: a request that looks the same is a new one from now on. */
  forget(call: ServerCall): void {
    const key = mergeKey(call.request);
    if (this.#merging.get(key) === call) this.#merging.delete(key);
  }

  /** An application has gone: nobody is left to answer what it was given. */
  leave(link: AppLink): void {
    for (const call of this.#calls.values()) if (call.link === link) call.refuse(503);
  }

  receive(bytes: Buffer, flow: Flow): void {
    const message = parseMessage(bytes);
    if (message.kind === 'bad') {
      this.#core.counters.malformed(message.why);
      this.#answerBad(message, flow);
      return;
    }
    this.#core.counters.received(message.kind, flow.transport);
    if (message.kind === 'response') this.#response(message);
    else this.#request(message, flow);
  }

  #response(response: ReceivedResponse): void {
    if (!this.#core.transactions.receiveResponse(response)) this.#core.counters.stray('response');
  }

  #answerBad(bad: BadMessage, flow: Flow): void {
    if (bad.answer === undefined) return;
    const { method, headers, via, status } = bad.answer;
    if (method === 'INVITE') this.#core.tap?.refused(headers.get('Call-ID'), `malformed-${bad.why}`, flow);
    stampVia(headers, via, flow);
    this.#core.counters.refused(status);
    responseSender(this.#core, via, flow)(serialize(responseTo({ headers }, status, newTag(), badReasons[bad.why])));
  }

  #request(request: ReceivedRequest, flow: Flow): void {
    stampVia(request.headers, request.via, flow);
    if (request.method === 'ACK') {
      this.#ack(request, flow);
      return;
    }
    const known = this.#core.transactions.serverFor(request, request.method);
    if (known !== undefined) {
      this.#core.counters.absorbed();
      known.transaction.receiveAgain();
      return;
    }
    if (request.method === 'CANCEL') this.#cancel(request, flow);
    else this.#newRequest(request, flow);
  }

  #ack(ack: ReceivedRequest, flow: Flow): void {
    const entry = this.#core.transactions.serverFor(ack, 'INVITE');
    if (entry?.transaction instanceof InviteServerTransaction && entry.transaction.state !== 'accepted') {
      entry.transaction.receiveAck();
      return;
    }
    const dialog = this.#core.dialogs.find(ack.callId, ack.toTag, ack.fromTag);
    if (dialog === undefined) {
      this.#core.counters.stray('ack');
      return;
    }
    // A copy of an ACK that has been heard is no stray, and no news.
    if (!dialog.awaitsAckOf(ack.cseq)) return;
    dialog.flow = flow;
    const link = this.#linkOf(dialog);
    link?.deliver('network', { flow, transactionId: `ack-${randomToken(8)}`, dialogId: dialog.id }, ack);
    dialog.settleAck(ack.cseq);
  }

  /** RFC 3261 section 9.2. */
  #cancel(cancel: ReceivedRequest, flow: Flow): void {
    const invite = this.#core.transactions.serverFor(cancel, 'INVITE')?.owner;
    const call = this.#start(cancel, flow, undefined, undefined, invite?.toTag);
    if (invite === undefined) {
      this.#core.counters.stray('cancel');
      this.#core.counters.refused(481);
      call.refuse(481);
      return;
    }
    call.refuse(200);
    invite.cancel(cancel);
  }

  #newRequest(request: ReceivedRequest, flow: Flow): void {
    const dialog =
      request.toTag === '' ? undefined : this.#core.dialogs.find(request.callId, request.toTag, request.fromTag);
    const refusal = this.#refusalFor(request, dialog);
    if (refusal !== undefined) {
      this.#core.counters.refused(refusal.status);
      const why = { 400: 'malformed-start-line', 416: 'unsupported-uri-scheme' }[refusal.status];
      if (why !== undefined) this.#core.tap?.refused(request.callId, why, flow);
      this.#start(request, flow, undefined).refuse(refusal.status, refusal.extra);
      return;
    }
    if (dialog !== undefined) this.#inDialog(request, flow, dialog);
    else this.#outside(request, flow);
  }

  #refusalFor(request: ReceivedRequest, dialog: Dialog | undefined): Refusal | undefined {
    if (!knownMethods.has(request.method)) return { status: 501, extra: [['Allow', this.#allow()]] };
    if (!schemes.has(schemeOf(request.uri))) return { status: 416, extra: [] };
    // RFC 3261 section 19.1.1: no fields in a Request-URI.
    if (parseSipUri(request.uri)?.rest.includes('?') === true) return { status: 400, extra: [] };
    if (request.toTag !== '') return dialog === undefined ? { status: 481, extra: [] } : refusalInside(request, dialog);
    if (this.#merging.has(mergeKey(request))) return { status: 482, extra: [] };
    if (request.method === 'INVITE' && this.#pendingInvites.has(request.callId)) {
      return { status: 500, extra: [['Retry-After', retryS()]] };
    }
    if (this.#control.linkFor(request.method) !== undefined) return undefined;
    return this.#control.anyLink === undefined
      ? { status: 503, extra: [['Retry-After', '5']] }
      : { status: 405, extra: [['Allow', this.#allow()]] };
  }

  #outside(request: ReceivedRequest, flow: Flow): void {
    const link = this.#control.linkFor(request.method);
    const call = this.#start(request, flow, undefined, link);
    this.#merging.set(mergeKey(request), call);
    if (request.method === 'INVITE') call.trying();
    link?.deliver('network', { flow, transactionId: call.transactionId, dialogId: '' }, request);
  }

  #inDialog(request: ReceivedRequest, flow: Flow, dialog: Dialog): void {
    dialog.remoteSequence = request.cseq;
    dialog.flow = flow;
    const link = this.#linkOf(dialog);
    const call = this.#start(request, flow, dialog, link);
    if (request.method === 'PRACK' && dialog.acknowledgeProvisional?.(request.headers.get('RAck') ?? '') !== true) {
      this.#core.counters.stray('prack');
      call.refuse(481);
      return;
    }
    if (request.method === 'INVITE') {
      dialog.inviteReceived = true;
      call.trying();
    }
    if (request.method === 'UPDATE') dialog.updateReceived = true;
    if (request.method === 'BYE') {
      const early = dialog.state === 'early' ? dialog.abandonInvite : undefined;
      this.#core.dialogs.end(dialog);
      if (early !== undefined) {
        call.refuse(200);
        early();
        return;
      }
    }
    if (link === undefined) {
      call.refuse(request.method === 'BYE' ? 200 : 503);
      return;
    }
    link.deliver('network', { flow, transactionId: call.transactionId, dialogId: dialog.id }, request);
  }

  #start(
    request: ReceivedRequest,
    flow: Flow,
    dialog: Dialog | undefined,
    link?: ServerCall['link'],
    toTag: string = newTag(),
  ): ServerCall {
    const send = responseSender(this.#core, request.via, flow);
    const entry = this.#core.transactions.startServer(request, send, flow.transport === 'tcp');
    const transactionId = randomToken(12);
    const call = new ServerCall({
      core: this.#core,
      request,
      flow,
      transaction: entry.transaction,
      transactionId,
      send,
      dialog,
      toTag,
      link,
      done: () => {
        this.#calls.delete(transactionId);
        if (this.#pendingInvites.get(request.callId) === call) this.#pendingInvites.delete(request.callId);
      },
    });
    entry.owner = call;
    if (link === undefined) return call;
    this.#calls.set(transactionId, call);
    if (request.method === 'INVITE') this.#pendingInvites.set(request.callId, call);
    return call;
  }

  #linkOf(dialog: Dialog): ServerCall['link'] {
    return dialog.link.connected ? dialog.link : this.#control.anyLink;
  }

  #allow(): string {
    return [...new Set(['ACK', 'CANCEL', ...this.#control.methods])].sort().join(', ');
  }
}

interface Refusal {
  readonly status: number;
  readonly extra: readonly (readonly [string, string])[];
}

/** Section 8.2.2.2. */
function mergeKey(request: ReceivedRequest): string {
  return `${request.fromTag} ${request.callId} ${request.cseq} ${request.method}`;
}

/** RFC 3261 section 14.2: 0 to 10 s. */
function retryS(): string {
  return String(Math.floor(Math.random() * 11));
}

/** RFC 3261 sections 12.2.2 and 14.2, RFC 3311 section 5.2. */
function refusalInside(request: ReceivedRequest, dialog: Dialog): Refusal | undefined {
  if (dialog.remoteSequence !== undefined && request.cseq < dialog.remoteSequence)
    return { status: 500, extra: [['Retry-After', retryS()]] };
  if (request.method === 'INVITE') {
    if (dialog.inviteReceived) return { status: 500, extra: [['Retry-After', retryS()]] };
    if (dialog.inviteSent) return { status: 491, extra: [] };
  }
  if (request.method === 'UPDATE') {
    if (dialog.updateReceived) return { status: 500, extra: [['Retry-After', retryS()]] };
    const offers = request.body.length > 0 && !listsToken(request.headers.all('Content-Type'), 'none');
    if (offers && dialog.state === 'confirmed' && dialog.inviteSent) return { status: 491, extra: [] };
  }
  return undefined;
}
