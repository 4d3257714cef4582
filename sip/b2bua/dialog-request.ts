import { hasCode } from '#lib/errors.ts';
import { answerChallenge, type Credentials } from '../auth/digest.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import type { CallContext } from './context.ts';
import type { Leg } from './leg.ts';
import { SipHeaders, type HeaderFields, type SentRequest, type SipResponse } from './messages.ts';

/** The far end of a dialog, as far as a request to it needs. */
export type DialogPeer = Pick<Leg, 'dialogId' | 'trunk' | 'contact'>;

export interface DialogRequest {
  readonly method: string;
  /** Where it is not the leg's own: a fork of its INVITE. */
  readonly dialogId?: string;
  readonly headers?: HeaderFields;
  readonly body?: string;
}

export interface PendingRequest {
  /**
   * Always resolves: with 408 when nothing came in time, with 481 when the engine has no such dialog any more, with 513
   * when the request is too large to be handed to it.
   */
  readonly final: Promise<SipResponse>;
  cancel(): void;
}

/**
 * Sends a request on a leg. A challenge from the leg's trunk is answered once with that trunk's credentials.
 * `onSent` is told the CSeq number of each sending.
 */
export function sendInDialog(
  context: Pick<CallContext, 'agent' | 'timers'>,
  leg: DialogPeer,
  request: DialogRequest,
  onSent: (sequence: number) => void = () => undefined,
): PendingRequest {
  let sent: SentRequest | undefined;
  let cancelled = false;
  const cancel = (): void => {
    cancelled = true;
    sent?.cancel();
  };
  const final = new Promise<SipResponse>((resolve) => {
    // Longer than the engine's own Timer B or F: it fires only where the engine loses an answer (telephony, trap of
    // the daemon: a re-INVITE that was answered 18x never delivers its 200).
    const timer = setTimeout(() => {
      cancel();
      resolve(madeUp(408, 'Request Timeout'));
    }, 70 * context.timers.t1Ms);
    // What a peer leaves unanswered does not keep a closed server's process alive.
    timer.unref();
    const finish = (response: SipResponse): void => {
      clearTimeout(timer);
      resolve(response);
    };
    const send = (extra: HeaderFields, mayAuthenticate: boolean): void => {
      context.agent
        .request({ dialogId: leg.dialogId, ...request, headers: { ...request.headers, ...extra } }, (response) => {
          if (response.status < 200) return;
          const credentials = mayAuthenticate ? authorize(leg, request, response) : undefined;
          if (credentials === undefined) finish(response);
          else send(credentials, false);
        })
        .then(
          (each) => {
            sent = each;
            onSent(each.sequence);
            return cancelled ? each.cancel() : undefined;
          },
          (thrown: unknown) => finish(tooLarge(thrown) ?? madeUp(481, 'Call/Transaction Does Not Exist')),
        );
    };
    send({}, true);
  });
  return { final, cancel };
}

function authorize(leg: DialogPeer, request: DialogRequest, response: SipResponse): HeaderFields | undefined {
  if (response.status !== 401 && response.status !== 407) return undefined;
  const uri = parseNameAddr(leg.contact ?? '')?.uri ?? '';
  const credentials = leg.trunk?.credentials;
  if (credentials === undefined) return undefined;
  return authorizationFor(response, { method: request.method, uri, body: request.body ?? '' }, credentials);
}

/** The field that answers a 401 or 407, or undefined when its challenge cannot be answered. */
export function authorizationFor(
  response: SipResponse,
  request: { readonly method: string; readonly uri: string; readonly body: string },
  credentials: Credentials,
): HeaderFields | undefined {
  const proxy = response.status === 407;
  const challenge = response.headers.get(proxy ? 'proxy-authenticate' : 'www-authenticate');
  const answer = challenge === undefined ? undefined : answerChallenge(challenge, request, credentials);
  if (answer === undefined) return undefined;
  return { [proxy ? 'Proxy-Authorization' : 'Authorization']: answer };
}

/** What a peer would say to a request that could not even be handed to the engine; undefined for other errors. */
export function tooLarge(thrown: unknown): SipResponse | undefined {
  return hasCode(thrown, 'sip-too-large') ? madeUp(513, 'Message Too Large') : undefined;
}

function madeUp(status: number, reason: string): SipResponse {
  const source = { address: '', port: 0, transport: '' };
  return {
    status,
    reason,
    headers: new SipHeaders({}),
    body: '',
    source,
    toTag: '',
    dialogId: '',
    ack: () => undefined,
  };
}
