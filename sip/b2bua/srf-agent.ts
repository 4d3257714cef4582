import type { EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';
import { once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import {
  SipHeaders,
  type HeaderFields,
  type OutgoingRequest,
  type ResponseOptions,
  type SentRequest,
  type SentResponse,
  type SipAgent,
  type SipRequest,
  type SipResponse,
} from './messages.ts';

/**
 * The one place that knows drachtio-srf. It is used below its Dialog class: that class answers some requests by
 * itself, never times a modify out and forgets a re-INVITE that was answered 18x. Requests in a dialog are told apart
 * by the engine's dialog id instead. What srf's types leave out is declared here.
 *
 * One read of the control socket may hold many messages, which srf hands over in one go. Each is delivered in a turn of
 * the event loop of its own, in order, so that what the application awaits after one is done before the next.
 */
interface RawMessage {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body?: string;
}
interface RawMeta extends RawMessage {
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly stackDialogId?: string;
}
interface RawRequest extends RawMeta, EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly source: string;
  cancel(options: { headers?: Record<string, string> }, callback: (error: unknown) => void): void;
}
interface RawResponse extends RawMeta {
  readonly status: number;
  readonly reason: string;
  send(
    status: number,
    reason: string | undefined,
    options: { headers?: Record<string, string>; body?: string },
    callback: (error: unknown, sent?: RawMessage) => void,
  ): void;
}
type RawAck = (options: { headers?: Record<string, string>; body?: string }) => void;
interface RawSrf extends EventEmitter {
  connect(options: { host: string; port: number; secret: string }): unknown;
  disconnect(): void;
  use(method: string, handler: (request: RawRequest, response: RawResponse) => void): void;
  request(options: Record<string, unknown>, callback: (error: unknown, sent?: RawRequest) => void): void;
}

/**
 * Fields and body of a message to the engine. A frame over 12,000 bytes wedges the control socket of a drachtio-server
 * (its buffer is 12,228); srf and the frame add to what is given here.
 */
const maxMessageBytes = 10_500;
const routedMethods = [
  'invite',
  'ack',
  'bye',
  'cancel',
  'prack',
  'update',
  'info',
  'message',
  'notify',
  'refer',
  'options',
  'register',
  'subscribe',
  'publish',
] as const;

export interface SrfAgentOptions {
  readonly control: { readonly host: string; readonly port: number; readonly secret: string };
  readonly logger: Logger;
  /** Every request that arrives, in a dialog or not, ACK included. */
  readonly onRequest: (request: SipRequest) => void;
}

/** @throws SidetoneError `sip-unreachable` when the engine does not take the connection within 10 s. */
export async function connectSrfAgent(options: SrfAgentOptions): Promise<SipAgent> {
  const { logger, onRequest } = options;
  const srf = new Srf() as unknown as RawSrf;
  const receive = (raw: RawRequest, response: RawResponse): void => {
    // An UPDATE during a pending INVITE comes as an event of that INVITE (and with the daemon only there).
    raw.on('update', receive);
    const request = readRequest(raw, response);
    setImmediate(() => {
      try {
        onRequest(request);
      } catch (thrown) {
        logger.error({ err: toError(thrown), method: raw.method }, 'request handler failed');
        if (raw.method !== 'ACK') request.respond(500).catch(() => undefined);
      }
    });
  };
  for (const method of routedMethods) srf.use(method, receive);
  const bindings = await connected(srf, options);

  const request: SipAgent['request'] = (outgoing, onResponse) =>
    new Promise((resolve, reject) => {
      if (sizeBytes(outgoing) > maxMessageBytes) {
        reject(new SidetoneError('sip-too-large', 'request too large for the control connection'));
        return;
      }
      try {
        srf.request(rawOptions(outgoing), (error, raw) => {
          if (raw === undefined) {
            reject(new SidetoneError('sip-unreachable', 'request could not be sent', { cause: toError(error) }));
            return;
          }
          raw.on('update', receive);
          raw.on('response', (response: RawResponse, ack: RawAck) => {
            setImmediate(() => onResponse(readResponse(response, ack)));
          });
          setImmediate(() => resolve(readSent(raw)));
        });
      } catch (thrown) {
        reject(new SidetoneError('sip-unreachable', 'no connection to the SIP engine', { cause: toError(thrown) }));
      }
    });
  return { bindings, request, close: once(() => Promise.resolve(srf.disconnect())) };
}

function connected(srf: RawSrf, options: SrfAgentOptions): Promise<SipAgent['bindings']> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SidetoneError('sip-unreachable', 'the SIP engine did not accept the control connection'));
    }, 10_000);
    srf.on('error', (error: unknown) => options.logger.warn({ err: toError(error) }, 'control connection lost'));
    srf.on('connect', (error: unknown, hostPorts?: string) => {
      clearTimeout(timer);
      if (error instanceof Error) {
        reject(new SidetoneError('sip-unreachable', 'the SIP engine refused the secret', { cause: error }));
      } else resolve(bindingsOf(hostPorts ?? ''));
    });
    srf.connect(options.control);
  });
}

/** `udp/192.0.2.1:5060,tcp/192.0.2.1:5060` */
function bindingsOf(hostPorts: string): SipAgent['bindings'] {
  return [...hostPorts.matchAll(/(\w+)\/(\[[^\]]+\]|[^:,]+):(\d+)/g)].map(([, transport = '', address = '', port]) => ({
    transport: transport.toLowerCase(),
    address: address.replaceAll(/[[\]]/g, ''),
    port: Number(port),
  }));
}

function readRequest(raw: RawRequest, response: RawResponse): SipRequest {
  const headers = new SipHeaders(raw.headers);
  const callId = headers.get('call-id') ?? '';
  const fromTag = tagOf(headers.get('from'));
  let finished = false;
  let cancelled: SipHeaders | undefined;
  const cancelListeners: ((headers: SipHeaders) => void)[] = [];
  raw.on('cancel', (message: RawMessage) => {
    const fields = new SipHeaders(message.headers);
    cancelled = fields;
    setImmediate(() => {
      for (const listener of cancelListeners) listener(fields);
    });
  });
  return {
    method: raw.method.toUpperCase(),
    uri: raw.uri,
    headers,
    body: raw.body ?? '',
    source: { address: raw.source_address, port: raw.source_port, transport: raw.protocol },
    callId,
    fromTag,
    toTag: tagOf(headers.get('to')) || undefined,
    dialogId: raw.stackDialogId ?? '',
    unsolicited: raw.source === 'application',
    onCancel: (listener) => {
      if (cancelled !== undefined) listener(cancelled);
      else cancelListeners.push(listener);
    },
    respond: (status, given = {}) =>
      new Promise<SentResponse>((resolve, reject) => {
        if (finished || cancelled !== undefined) {
          reject(new SidetoneError('sip-unreachable', 'the transaction already has its final response'));
          return;
        }
        finished = status >= 200;
        const fits = sizeBytes(given) <= maxMessageBytes;
        // A final response that cannot be carried is still owed to the peer; a provisional one is not.
        if (!fits && finished) response.send(500, undefined, {}, () => undefined);
        if (!fits) {
          reject(new SidetoneError('sip-too-large', 'response too large for the control connection'));
          return;
        }
        response.send(status, given.reason, rawBody(given), (error, sent) => {
          if (sent === undefined) {
            reject(new SidetoneError('sip-unreachable', 'response could not be sent', { cause: toError(error) }));
          } else {
            const toTag = tagOf(new SipHeaders(sent.headers).get('to'));
            setImmediate(() => resolve({ toTag, dialogId: response.stackDialogId ?? '' }));
          }
        });
      }),
  };
}

function readResponse(raw: RawResponse, ack: RawAck): SipResponse {
  const headers = new SipHeaders(raw.headers);
  return {
    status: raw.status,
    reason: raw.reason,
    headers,
    body: raw.body ?? '',
    source: { address: raw.source_address, port: raw.source_port, transport: raw.protocol },
    toTag: tagOf(headers.get('to')),
    dialogId: raw.stackDialogId ?? '',
    ack: (body) => ack(body === undefined ? {} : { headers: { 'Content-Type': 'application/sdp' }, body }),
  };
}

function readSent(raw: RawRequest): SentRequest {
  const headers = new SipHeaders(raw.headers);
  const callId = headers.get('call-id') ?? '';
  const from = headers.get('from') ?? '';
  return {
    uri: raw.uri,
    callId,
    fromTag: tagOf(from),
    from,
    sequence: Number.parseInt(headers.get('cseq') ?? '1', 10),
    // Held back by the engine until a provisional response came (RFC 3261 section 9.1).
    cancel: (fields = {}) => {
      try {
        raw.cancel({ headers: flatten(fields) }, () => undefined);
      } catch {
        // No connection to the engine any more: nothing is left to cancel.
      }
    },
  };
}

function rawOptions(outgoing: OutgoingRequest): Record<string, unknown> {
  return {
    method: outgoing.method,
    // In a dialog the engine puts the remote target in its place; srf wants something to be there.
    uri: outgoing.uri ?? 'sip:placeholder',
    ...(outgoing.dialogId === undefined ? {} : { stackDialogId: outgoing.dialogId }),
    ...(outgoing.nextHop === undefined ? {} : { proxy: outgoing.nextHop }),
    ...rawBody(outgoing),
  };
}

function rawBody(given: ResponseOptions): { headers: Record<string, string>; body?: string } {
  const headers = flatten(given.headers ?? {});
  return given.body === undefined ? { headers } : { headers, body: given.body };
}

function sizeBytes({ headers = {}, body = '' }: ResponseOptions): number {
  const fields = Object.entries(headers).flat(2);
  return fields.reduce((sum, text) => sum + Buffer.byteLength(text) + 4, Buffer.byteLength(body));
}

/** srf has one value a name: further lines of the same name are written into the value. */
function flatten(fields: HeaderFields): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    flat[name] = typeof value === 'string' ? value : value.join(`\r\n${name}: `);
  }
  return flat;
}

function tagOf(nameAddr: string | undefined): string {
  return nameAddr === undefined ? '' : (parseNameAddr(nameAddr)?.parameters['tag'] ?? '');
}
