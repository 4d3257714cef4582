import { createSocket, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { RawMessage } from './raw-message.ts';

export interface Reply {
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Leaves Content-Type out. */
  readonly untyped?: boolean;
  readonly toTag?: string;
}

export interface DialogSide {
  readonly callId: string;
  /** From and To of the requests that this side sends, tags included. */
  readonly from: string;
  readonly to: string;
  readonly target: string;
  readonly peer: { readonly address: string; readonly port: number };
  sequence: number;
}

const waitMs = 5000;

/** A user agent of text and a UDP socket: says exactly what a test tells it to, and keeps what it hears. */
export class RawUa {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #heard: RawMessage[] = [];
  readonly #waiting: { matches: (message: RawMessage) => boolean; resolve: (message: RawMessage) => void }[] = [];
  /** Methods that are answered 200 at once. */
  readonly #answered = new Set<string>();
  /** Every message, also those consumed. */
  readonly log: RawMessage[] = [];

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.#address = address;
    socket.on('message', (data, remote) => this.#hear(new RawMessage(data.toString('utf8'), remote)));
  }

  static async open(address = '127.0.0.1'): Promise<RawUa> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, address, resolve);
    });
    return new RawUa(socket, address);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get contact(): string {
    return `sip:ua@${this.#address}:${this.port}`;
  }

  /** From now on BYE is answered 200, whoever waits for it. */
  answerByes(): void {
    this.answerAll('BYE');
  }

  answerAll(method: string): void {
    for (const message of this.#heard) if (message.status === 0 && message.method === method) this.reply(message, 200);
    this.#answered.add(method);
  }

  #hear(message: RawMessage): void {
    this.log.push(message);
    if (message.status === 0 && this.#answered.has(message.method)) this.reply(message, 200);
    const index = this.#waiting.findIndex(({ matches }) => matches(message));
    if (index < 0) this.#heard.push(message);
    else this.#waiting.splice(index, 1)[0]?.resolve(message);
  }

  /** The next message that fits: `INVITE`, `200 INVITE`, or whatever the function says. */
  expect(wanted: string | ((message: RawMessage) => boolean), withinMs = waitMs): Promise<RawMessage> {
    const matches =
      typeof wanted === 'function'
        ? wanted
        : (message: RawMessage) =>
            wanted === (message.status === 0 ? message.method : `${message.status} ${message.method}`);
    const index = this.#heard.findIndex(matches);
    const known = index < 0 ? undefined : this.#heard.splice(index, 1)[0];
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const entry = {
        matches,
        resolve: (message: RawMessage) => {
          clearTimeout(timer);
          resolve(message);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        const heard = this.log.map((message) => message.firstLine).join(' | ');
        reject(new Error(`not heard: ${String(wanted)}; heard: ${heard}`));
      }, withinMs);
      this.#waiting.push(entry);
    });
  }

  heard(method: string): number {
    return this.log.filter((message) => message.status === 0 && message.method === method).length;
  }

  sendText(text: string, port: number, address = '127.0.0.1'): void {
    this.#socket.send(text, port, address);
  }

  via(branch: string = newToken()): string {
    return `Via: SIP/2.0/UDP ${this.#address}:${this.port};rport;branch=z9hG4bK${branch}`;
  }

  /** Sends an INVITE outside a dialog and returns it, for ACK and CANCEL. */
  invite(options: {
    readonly port: number;
    readonly user?: string;
    readonly uri?: string;
    readonly body?: string;
    readonly untyped?: boolean;
    readonly headers?: readonly string[];
    readonly from?: string;
    readonly address?: string;
    readonly callId?: string;
    readonly fromTag?: string;
    readonly sequence?: number;
  }): RawMessage {
    const address = options.address ?? '127.0.0.1';
    const uri = options.uri ?? `sip:${options.user ?? '200'}@${address}:${options.port}`;
    const from = options.from ?? '"Ann" <sip:100@example.org>';
    const text = compose(
      [
        `INVITE ${uri} SIP/2.0`,
        this.via(),
        ...(options.headers?.some((line) => line.startsWith('Max-Forwards')) === true ? [] : ['Max-Forwards: 70']),
        `From: ${from};tag=${options.fromTag ?? newToken()}`,
        `To: <${uri}>`,
        `Call-ID: ${options.callId ?? newToken()}`,
        `CSeq: ${options.sequence ?? 1} INVITE`,
        `Contact: <${this.contact}>`,
        'Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, PRACK, OPTIONS',
        ...(options.headers ?? []),
        ...(options.body === undefined || options.untyped === true ? [] : ['Content-Type: application/sdp']),
      ],
      options.body,
    );
    this.sendText(text, options.port, address);
    return new RawMessage(text, { address, port: options.port });
  }

  cancel(invite: RawMessage): void {
    this.#sendLike(invite, 'CANCEL', invite.header('Via'), invite.header('To'));
  }

  /** ACK to a final response: for 2xx a transaction of its own, for others that of the INVITE. */
  ack(invite: RawMessage, response: RawMessage, body?: string): void {
    const success = response.status < 300;
    const target = success ? uriOf(response.header('Contact')) : invite.uri;
    this.#sendLike(invite, 'ACK', success ? this.via().slice(5) : invite.header('Via'), response.header('To'), {
      target,
      body,
    });
  }

  #sendLike(
    invite: RawMessage,
    method: string,
    via: string,
    to: string,
    more: { readonly target?: string; readonly body?: string | undefined } = {},
  ): void {
    const text = compose(
      [
        `${method} ${more.target ?? invite.uri} SIP/2.0`,
        `Via: ${via}`,
        'Max-Forwards: 70',
        `From: ${invite.header('From')}`,
        `To: ${to}`,
        `Call-ID: ${invite.header('Call-ID')}`,
        `CSeq: ${Number.parseInt(invite.header('CSeq'), 10)} ${method}`,
        ...(more.body === undefined ? [] : ['Content-Type: application/sdp']),
      ],
      more.body,
    );
    this.sendText(text, invite.source.port, invite.source.address);
  }

  reply(request: RawMessage, status: number, reply: Reply = {}): void {
    const to = request.header('To');
    const tagged = to.includes(';tag=') || status === 100 ? to : `${to};tag=${reply.toTag ?? 'callee'}`;
    const text = compose(
      [
        `SIP/2.0 ${status} Because`,
        ...request.all('Via').map((value) => `Via: ${value}`),
        `From: ${request.header('From')}`,
        `To: ${tagged}`,
        `Call-ID: ${request.header('Call-ID')}`,
        `CSeq: ${request.header('CSeq')}`,
        ...(reply.headers?.some((line) => line.startsWith('Contact')) === true ? [] : [`Contact: <${this.contact}>`]),
        ...(reply.headers ?? []),
        ...(reply.body === undefined ||
        reply.untyped === true ||
        reply.headers?.some((line) => line.startsWith('Content-Type')) === true
          ? []
          : ['Content-Type: application/sdp']),
      ],
      reply.body,
    );
    this.sendText(text, request.source.port, request.source.address);
  }

  /** The caller's side of a dialog, from the INVITE that it sent and a response with a To tag. */
  callerSide(invite: RawMessage, response: RawMessage): DialogSide {
    return {
      callId: invite.header('Call-ID'),
      from: invite.header('From'),
      to: response.header('To'),
      target: uriOf(response.header('Contact')),
      peer: invite.source,
      sequence: Number.parseInt(invite.header('CSeq'), 10),
    };
  }

  /** The callee's side, from the INVITE that it got and the tag that it answered with. */
  calleeSide(invite: RawMessage, toTag = 'callee'): DialogSide {
    return {
      callId: invite.header('Call-ID'),
      from: `${invite.header('To')};tag=${toTag}`,
      to: invite.header('From'),
      target: uriOf(invite.header('Contact')),
      peer: invite.source,
      sequence: 0,
    };
  }

  /** Sends a request inside a dialog and returns it. */
  inDialog(side: DialogSide, method: string, options: { headers?: readonly string[]; body?: string } = {}): RawMessage {
    side.sequence += 1;
    const text = compose(
      [
        `${method} ${side.target} SIP/2.0`,
        this.via(),
        'Max-Forwards: 70',
        `From: ${side.from}`,
        `To: ${side.to}`,
        `Call-ID: ${side.callId}`,
        `CSeq: ${side.sequence} ${method}`,
        `Contact: <${this.contact}>`,
        ...(options.headers ?? []),
        ...(options.body === undefined || options.headers?.some((line) => line.startsWith('Content-Type')) === true
          ? []
          : ['Content-Type: application/sdp']),
      ],
      options.body,
    );
    this.sendText(text, side.peer.port, side.peer.address);
    return new RawMessage(text, side.peer);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

function compose(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function newToken(): string {
  return randomBytes(8).toString('hex');
}

export function uriOf(nameAddr: string): string {
  return /<([^>]*)>/.exec(nameAddr)?.[1] ?? nameAddr;
}

/** A plain offer or answer: both laws, telephone-event 101. `media` replaces the whole of it from the m-line on. */
export function sdp(
  options: {
    readonly address?: string;
    readonly port?: number;
    readonly version?: number;
    readonly media?: readonly string[];
    readonly direction?: string;
  } = {},
): string {
  const address = options.address ?? '127.0.0.1';
  const media = options.media ?? [
    `m=audio ${options.port ?? 40_000} RTP/AVP 0 8 101`,
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
  ];
  return [
    'v=0',
    `o=ua 7 ${options.version ?? 1} IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    ...media,
    ...(options.direction === undefined ? [] : [`a=${options.direction}`]),
    '',
  ].join('\r\n');
}
