import type { Dialog } from '../dialog/dialog.ts';
import { leastSessionS, sessionPlan, sessionTerms, type SessionTerms } from '../dialog/session-fields.ts';
import { Headers } from '../message/headers.ts';
import { noBody, type ReceivedResponse, type SipRequest } from '../message/message.ts';
import type { TimerHandle } from '../transaction/timers.ts';
import type { Flow } from '../transport/flow.ts';
import { resendAck, sendAck } from './acks.ts';
import { endDialog } from './byes.ts';
import { ClientRequest } from './client-request.ts';
import type { Core } from './core.ts';
import { nextInside } from './draft.ts';

/** A refresh that met another request (491, 500, 503 with Retry-After) is tried again after this. */
const retryMs = 3000;

interface Credentials {
  readonly name: string;
  readonly value: string;
}

interface Session {
  refresh: TimerHandle | undefined;
  end: TimerHandle | undefined;
}

/**
 * RFC 4028 for every dialog whose INVITE or UPDATE was answered with a Session-Expires, as drachtio-server does it:
 * the application negotiates, the time is kept here. A refresh of ours is an UPDATE without a session description where
 * the peer allows UPDATE, else an INVITE with the description that we sent last: neither changes media.
 */
export class Sessions {
  readonly #core: () => Core;
  readonly #sessions = new Map<Dialog, Session>();

  constructor(core: () => Core) {
    this.#core = core;
  }

  /** A 2xx to INVITE or UPDATE went by: its terms replace those before. */
  apply(dialog: Dialog, response: Headers, weAsked: boolean): void {
    this.stop(dialog);
    const terms = sessionTerms(response);
    if (terms === undefined || dialog.state === 'terminated') return;
    this.#keep(dialog, terms, weAsked === (terms.refresher === 'uac'));
  }

  stop(dialog: Dialog): void {
    const session = this.#sessions.get(dialog);
    if (session === undefined) return;
    this.#sessions.delete(dialog);
    this.#core().scheduler.stop(session.refresh);
    this.#core().scheduler.stop(session.end);
  }

  #keep(dialog: Dialog, terms: SessionTerms, weRefresh: boolean): void {
    const { scheduler } = this.#core();
    const plan = sessionPlan(terms, weRefresh);
    const session: Session = { refresh: undefined, end: undefined };
    this.#sessions.set(dialog, session);
    session.end = scheduler.after(plan.endAfterMs, () => void this.#expire(dialog, 'session expired'));
    if (plan.refreshAfterMs !== undefined) {
      session.refresh = scheduler.after(plan.refreshAfterMs, () => void this.#refresh(dialog, terms.expiresS));
    }
  }

  async #expire(dialog: Dialog, text: string): Promise<void> {
    this.stop(dialog);
    this.#core().counters.sessionExpired();
    await endDialog(this.#core(), dialog, `SIP;cause=408;text="${text}"`);
  }

  #again(dialog: Dialog, expiresS: number): void {
    const session = this.#sessions.get(dialog);
    if (session === undefined) return;
    session.refresh = this.#core().scheduler.after(retryMs, () => void this.#refresh(dialog, expiresS));
  }

  /** `credentials`: the field that answers the challenge to the one before. */
  async #refresh(dialog: Dialog, expiresS: number, credentials?: Credentials): Promise<void> {
    if (dialog.state !== 'confirmed') return;
    // A request of the application or of the peer is on its way: its own answer may be refresh enough.
    if (dialog.inviteSent || dialog.inviteReceived || dialog.awaitsAck) {
      this.#again(dialog, expiresS);
      return;
    }
    const byUpdate = dialog.peerAllowsUpdate || dialog.localSdp === undefined;
    const headers = new Headers()
      .add('Supported', 'timer')
      .add('Session-Expires', `${expiresS};refresher=uac`)
      .add('Min-SE', String(Math.min(expiresS, leastSessionS)));
    if (credentials !== undefined) headers.add(credentials.name, credentials.value);
    if (!byUpdate) headers.add('Content-Type', 'application/sdp');
    const body = byUpdate ? noBody : (dialog.localSdp ?? noBody);
    const draft = nextInside(dialog, byUpdate ? 'UPDATE' : 'INVITE', headers, body);
    dialog.inviteSent = !byUpdate;
    const request = new ClientRequest(this.#core(), draft, {
      sent: () => undefined,
      response: (response) => this.#answered(dialog, request.message, response, expiresS, credentials !== undefined),
      failed: () => {
        dialog.inviteSent = false;
        void this.#expire(dialog, 'session refresh failed');
      },
      lateAnswer: (_response: ReceivedResponse, _message: SipRequest, _flow: Flow) => undefined,
    });
    await request.start(dialog.flow).catch(() => {
      dialog.inviteSent = false;
      return this.#expire(dialog, 'session refresh failed');
    });
  }

  #answered(
    dialog: Dialog,
    request: SipRequest | undefined,
    response: ReceivedResponse,
    expiresS: number,
    hadCredentials: boolean,
  ): void {
    if (response.status < 200) return;
    if (request?.method === 'INVITE' && resendAck(this.#core(), dialog, response.cseq)) return;
    dialog.inviteSent = false;
    if (response.status < 300) {
      dialog.refreshTarget(response.headers);
      if (request?.method === 'INVITE') {
        dialog.acceptedInvite = { sequence: response.cseq, headers: request.headers };
        void sendAck(this.#core(), dialog, new Headers(), noBody).catch(() => undefined);
      }
      this.apply(dialog, response.headers, true);
      return;
    }
    if (response.status === 401 || response.status === 407) {
      const credentials = hadCredentials ? undefined : this.#credentials(dialog, request, response);
      // Without any the call has done nothing wrong: it lives to the end of its session.
      if (credentials !== undefined) void this.#refresh(dialog, expiresS, credentials);
      return;
    }
    const least = Number(response.headers.get('Min-SE'));
    if (response.status === 422 && least > expiresS) void this.#refresh(dialog, least);
    else if (response.status === 491 || response.headers.has('Retry-After')) this.#again(dialog, expiresS);
    else void this.#expire(dialog, 'session refresh failed');
  }

  #credentials(dialog: Dialog, request: SipRequest | undefined, response: ReceivedResponse): Credentials | undefined {
    const proxy = response.status === 407;
    // One a line (RFC 8760 section 2.3): the one that can be answered need not be the first.
    const header = response.headers.all(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate').join(', ');
    if (header === '' || request === undefined) return undefined;
    const value = this.#core().authorize({
      header,
      request: { method: request.method, uri: request.uri, body: request.body.toString() },
      dialogId: dialog.id,
    });
    return value === undefined ? undefined : { name: proxy ? 'Proxy-Authorization' : 'Authorization', value };
  }
}
