import type { EventEmitter } from 'node:events';
import { SidetoneError, toError } from '#lib/errors.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import {
  SipHeaders,
  type HeaderFields,
  type OutgoingRequest,
  type ResponseOptions,
  type SentRequest,
  type SentResponse,
  type SipRequest,
  type SipResponse,
} from './messages.ts';

/** drachtio-srf's messages, as far as we use them: its own types leave these out. Below, ours are made of them. */
export interface RawMessage {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body?: string;
  /** As on the wire. */
  readonly raw?: string;
}
export interface RawMeta extends RawMessage {
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly stackDialogId?: string;
}
export interface RawRequest extends RawMeta, EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly source: string;
  cancel(options: { headers?: Record<string, string> }, callback: (error: unknown) => void): void;
}
export interface RawResponse extends RawMeta {
  readonly status: number;
  readonly reason: string;
  send(
    status: number,
    reason: string | undefined,
    options: { headers?: Record<string, string>; body?: string },
    callback: (error: unknown, sent?: RawMessage) => void,
  ): void;
}
export type RawAck = (options: { headers?: Record<string, string>; body?: string }) => void;

/**
 * Fields and body of a message to the engine. A frame over 12,000 bytes wedges the control socket of a drachtio-server
 * (its buffer is 12,228); srf and the frame add to what is given here.
 */
const maxMessageBytes = 10_500;

/** `onSent` is told of each response that went out. */
export function readRequest(
  raw: RawRequest,
  response: RawResponse,
  onSent: (sent: RawMessage) => void = () => undefined,
): SipRequest {
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
        const fits = fitsControlFrame(given);
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
            onSent(sent);
            const toTag = tagOf(new SipHeaders(sent.headers).get('to'));
            setImmediate(() => resolve({ toTag, dialogId: response.stackDialogId ?? '' }));
          }
        });
      }),
  };
}

export function readResponse(raw: RawResponse, ack: RawAck): SipResponse {
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

export function readSent(raw: RawRequest): SentRequest {
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

export function rawOptions(outgoing: OutgoingRequest): Record<string, unknown> {
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

export function fitsControlFrame({ headers = {}, body = '' }: ResponseOptions): boolean {
  const fields = Object.entries(headers).flat(2);
  const bytes = fields.reduce((sum, text) => sum + Buffer.byteLength(text) + 4, Buffer.byteLength(body));
  return bytes <= maxMessageBytes;
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
