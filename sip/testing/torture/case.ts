/** Where a case's sender is, as its message must say, and a word by which its answer is known. */
export interface Place {
  readonly transport: 'UDP' | 'TCP';
  readonly port: number;
  readonly serverPort: number;
  readonly mark: string;
}

/**
 * One message of our own for one section of RFC 4475, and what must become of it: a final status, `rings` (it is a good
 * INVITE: the callee hears it), or silence.
 */
export interface TortureCase {
  readonly section: string;
  readonly what: string;
  readonly message: (place: Place) => string | Buffer;
  readonly expected: number | 'rings' | 'silence';
  /** A field of the answer, and what it must hold. */
  readonly field?: readonly [name: string, holds: string];
  /** Only over one of the two, where it is about that. */
  readonly only?: 'udp' | 'tcp';
}

export function via({ transport, port, mark }: Place): string {
  return `Via: SIP/2.0/${transport} 127.0.0.1:${port};branch=z9hG4bK${mark}`;
}

export interface Parts {
  readonly start?: string;
  readonly method?: string;
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cseq?: string;
  readonly contact?: string;
  /** Fields more. */
  readonly more?: readonly string[];
  /** Fields that are left out. */
  readonly without?: readonly string[];
  readonly body?: string | Buffer;
  readonly length?: string;
}

/** A plain request but for what the case is about. */
export function request(place: Place, parts: Parts = {}): Buffer {
  const { method = 'OPTIONS', without = [] } = parts;
  const body = Buffer.from(parts.body ?? '');
  const lines = [
    parts.via ?? via(place),
    'Max-Forwards: 70',
    `From: ${parts.from ?? `<sip:nora@example.org>;tag=${place.mark}`}`,
    `To: ${parts.to ?? '<sip:200@example.org>'}`,
    `Call-ID: ${place.mark}@example.org`,
    `CSeq: ${parts.cseq ?? `7 ${method}`}`,
    `Contact: ${parts.contact ?? `<sip:nora@127.0.0.1:${place.port}>`}`,
    ...(parts.more ?? []),
    `Content-Length: ${parts.length ?? String(body.length)}`,
  ].filter((line) => !without.some((name) => line.startsWith(`${name}:`)));
  const start = parts.start ?? `${method} sip:200@127.0.0.1:${place.serverPort} SIP/2.0`;
  return Buffer.concat([Buffer.from(`${[start, ...lines].join('\r\n')}\r\n\r\n`), body]);
}

const sdp = [
  'v=0',
  'o=nora 20518 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 42000 RTP/AVP 0',
  '',
].join('\r\n');

/** A plain INVITE with a description. */
export function invite(place: Place, parts: Parts = {}): Buffer {
  const more = ['Content-Type: application/sdp', ...(parts.more ?? [])];
  return request(place, { method: 'INVITE', body: sdp, ...parts, more });
}

export { sdp as tortureSdp };
