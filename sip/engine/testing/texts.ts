import type { ReceivedRequest } from '../message/message.ts';

/** SIP messages as text, for peers made of bare sockets. */
export interface RequestText {
  readonly method: string;
  readonly port: number;
  readonly uri?: string;
  readonly callId?: string;
  readonly branch?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly cseq?: number;
  readonly transport?: 'UDP' | 'TCP';
  readonly extra?: readonly string[];
  readonly body?: string;
  readonly contact?: string;
}

let serial = 0;

export function requestText(options: RequestText): string {
  serial += 1;
  const { method, port, transport = 'UDP', body = '' } = options;
  const branch = options.branch ?? `z9hG4bKtest${serial}`;
  const toTag = options.toTag === undefined ? '' : `;tag=${options.toTag}`;
  return [
    `${method} ${options.uri ?? 'sip:bob@127.0.0.1'} SIP/2.0`,
    `Via: SIP/2.0/${transport} 127.0.0.1:${port};branch=${branch}`,
    'Max-Forwards: 70',
    `From: "Alice" <sip:alice@example.net>;tag=${options.fromTag ?? 'alice1'}`,
    `To: <sip:bob@example.net>${toTag}`,
    `Call-ID: ${options.callId ?? `call${serial}`}`,
    `CSeq: ${options.cseq ?? 1} ${method}`,
    `Contact: ${options.contact ?? `<sip:alice@127.0.0.1:${port}${transport === 'TCP' ? ';transport=tcp' : ''}>`}`,
    ...(options.extra ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export interface ResponseText {
  readonly status: number;
  readonly toTag?: string;
  readonly contact?: string;
  readonly extra?: readonly string[];
  readonly body?: string;
}

/** The answer to a request that a peer has heard. */
export function responseText(request: ReceivedRequest, options: ResponseText): string {
  const { body = '' } = options;
  const to = request.headers.get('To') ?? '';
  return [
    `SIP/2.0 ${options.status} Whatever`,
    ...request.headers.all('Via').map((via) => `Via: ${via}`),
    `From: ${request.headers.get('From') ?? ''}`,
    `To: ${options.toTag === undefined || request.toTag !== '' ? to : `${to};tag=${options.toTag}`}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.cseq} ${request.method}`,
    ...(options.contact === undefined ? [] : [`Contact: ${options.contact}`]),
    ...(options.extra ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
