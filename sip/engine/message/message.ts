import type { Headers } from './headers.ts';
import type { Via } from './fields.ts';

/** Messages as the engine holds them. The body is bytes and never read as text here. */
export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

/** What every message that came off the wire is known by; absent tags are ''. */
export interface Essentials {
  readonly via: Via;
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly cseq: number;
  readonly cseqMethod: string;
}

export type ReceivedRequest = SipRequest & Essentials;
export type ReceivedResponse = SipResponse & Essentials;

export const noBody: Buffer = Buffer.alloc(0);

/** Start line and headers, with a Content-Length that counts the body's bytes and the empty line after it. */
export function serializeHead(message: SipMessage): string {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  message.headers.set('Content-Length', String(message.body.length));
  return `${start}${message.headers.toString()}\r\n`;
}

export function serialize(message: SipMessage): Buffer {
  const head = Buffer.from(serializeHead(message));
  return message.body.length === 0 ? head : Buffer.concat([head, message.body]);
}
