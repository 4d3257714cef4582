import type { Address } from './frames.ts';

export interface Speaker {
  readonly name: string;
  readonly sip: Address;
  readonly media: Address;
}

/** The messages of one call, as texts: what one side says to the other. */
export class Dialog {
  readonly callId: string;
  readonly caller: Speaker;
  readonly callee: Speaker;
  #cseq = 1;

  constructor(callId: string, caller: Speaker, callee: Speaker) {
    this.callId = callId;
    this.caller = caller;
    this.callee = callee;
  }

  request(
    method: string,
    options: MessageOptions & { readonly by?: 'caller' | 'callee'; readonly early?: boolean } = {},
  ): string {
    const by = options.by ?? 'caller';
    const [from, to] = by === 'caller' ? [this.caller, this.callee] : [this.callee, this.caller];
    if (!['ACK', 'CANCEL'].includes(method)) this.#cseq += 1;
    const toTag = options.early === true ? '' : `;tag=${to.name}`;
    return message(`${method} sip:${to.name}@${to.sip.ip} SIP/2.0`, options, [
      `Via: SIP/2.0/UDP ${from.sip.ip}:${from.sip.port};branch=z9hG4bK${method}${this.#cseq}`,
      `From: "${from.name}" <sip:${from.name}@example.com>;tag=${from.name}`,
      `To: <sip:${to.name}@example.com>${toTag}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${this.#cseq} ${method}`,
    ]);
  }

  /** To the last request that `asker` made. */
  response(
    status: number,
    method: string,
    options: MessageOptions & { readonly asker?: 'caller' | 'callee' } = {},
  ): string {
    const [from, to] = options.asker === 'callee' ? [this.callee, this.caller] : [this.caller, this.callee];
    return message(`SIP/2.0 ${status} Whatever`, options, [
      `Via: SIP/2.0/UDP ${from.sip.ip}:${from.sip.port};branch=z9hG4bK${method}${this.#cseq}`,
      `From: "${from.name}" <sip:${from.name}@example.com>;tag=${from.name}`,
      `To: <sip:${to.name}@example.com>;tag=${to.name}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${this.#cseq} ${method}`,
    ]);
  }
}

export interface MessageOptions {
  readonly headers?: readonly string[];
  readonly sdp?: string;
  readonly body?: string;
}

function message(
  start: string,
  { headers = [], sdp: description, body }: MessageOptions,
  fields: readonly string[],
): string {
  const content = description ?? body ?? '';
  const type = description === undefined ? [] : ['Content-Type: application/sdp'];
  return [start, ...fields, ...headers, ...type, `Content-Length: ${Buffer.byteLength(content)}`, '', content].join(
    '\r\n',
  );
}

export interface SdpOptions {
  readonly formats?: string;
  readonly maps?: readonly string[];
  readonly direction?: string;
  readonly protocol?: string;
}

export function sdp(at: Address, options: SdpOptions = {}): string {
  const { formats = '0 8', maps = [], direction = 'sendrecv', protocol = 'RTP/AVP' } = options;
  const family = at.ip.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    `o=- 1 1 IN ${family} ${at.ip}`,
    's=-',
    `c=IN ${family} ${at.ip}`,
    't=0 0',
    `m=audio ${at.port} ${protocol} ${formats}`,
    ...maps.map((map) => `a=rtpmap:${map}`),
    `a=${direction}`,
    '',
  ].join('\r\n');
}
