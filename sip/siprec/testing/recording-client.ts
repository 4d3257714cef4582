import { createSocket, type Socket } from 'node:dgram';
import { newToken, uriOf } from '../../testing/raw-ua.ts';
import type { RawMessage } from '../../testing/raw-message.ts';
import { openLink, type SipLink } from './sip-link.ts';
import { toneCodes } from './tone.ts';

export interface ClientBody {
  readonly contentType: string;
  readonly body: string;
}

export interface ClientInvite {
  readonly user?: string;
  readonly from?: string;
  readonly contactParameters?: string;
  readonly headers?: readonly string[];
  readonly body?: ClientBody;
}

const answerMs = 5000;
const packetSamples = 160;

/**
 * A session recording client as RFC 7866 describes it, for tests: real SIP over UDP or TCP, real RTP. It knows RFC 3261
 * as far as one dialog needs and nothing of our server's code.
 */
export class RecordingClient {
  readonly #link: SipLink;
  readonly #heard: RawMessage[] = [];
  readonly #waiting: { matches: (message: RawMessage) => boolean; resolve: (message: RawMessage) => void }[] = [];
  readonly #sockets: Socket[] = [];
  readonly callId = newToken();
  readonly #tag = newToken();
  #from = '<sip:src@127.0.0.1>';
  #to = '';
  #target = '';
  #contact = '';
  #sequence = 0;
  #lastInvite = '';
  #answersByes = false;

  private constructor(link: SipLink) {
    this.#link = link;
    link.onMessage((message) => this.#hear(message));
  }

  static async open(serverPort: number, transport: 'udp' | 'tcp' = 'udp'): Promise<RecordingClient> {
    return new RecordingClient(await openLink(transport, serverPort));
  }

  /** Sends INVITE and returns its final response, acknowledged where it refuses. */
  async invite(options: ClientInvite = {}): Promise<RawMessage> {
    this.sendInvite(options);
    const final = await this.expect((message) => message.method === 'INVITE' && message.status >= 200);
    this.#to = final.header('To');
    if (final.status >= 300) this.#sendAckFor(final);
    else this.#target = uriOf(final.header('Contact'));
    return final;
  }

  sendInvite({
    user = 'recorder',
    from,
    contactParameters = ';+sip.src',
    headers = [],
    body,
  }: ClientInvite = {}): void {
    this.#target = `sip:${user}@127.0.0.1`;
    this.#from = from ?? this.#from;
    this.#to = `<${this.#target}>`;
    this.#contact = `<sip:src@127.0.0.1:${this.#link.port};transport=${this.#link.transport.toLowerCase()}>${contactParameters}`;
    this.#lastInvite = this.#send('INVITE', headers, body);
  }

  /** `sequence`: of the INVITE, where another request has been sent since. */
  ack(body?: ClientBody, sequence = this.#sequence): void {
    this.#send('ACK', [], body, sequence);
  }

  cancel(): void {
    const lines = this.#lastInvite.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
    const kept = lines.slice(1).filter((line) => /^(Via|From|To|Call-ID|Max-Forwards)/.test(line));
    const uri = lines[0]?.split(' ')[1] ?? '';
    this.#link.send(
      [`CANCEL ${uri} SIP/2.0`, ...kept, `CSeq: ${this.#sequence} CANCEL`, 'Content-Length: 0', '', ''].join('\r\n'),
    );
  }

  /** A request of the dialog; resolves with its final response. A re-INVITE is acknowledged, with `answer` where given. */
  async request(
    method: string,
    options: {
      readonly headers?: readonly string[];
      readonly body?: ClientBody;
      readonly answer?: ClientBody;
      /** The tag stays. */ readonly from?: string;
    } = {},
  ): Promise<RawMessage> {
    this.#from = options.from ?? this.#from;
    this.#send(method, options.headers ?? [], options.body);
    const final = await this.expect((message) => message.method === method && message.status >= 200);
    if (method === 'INVITE' && final.status < 300) this.ack(options.answer);
    else if (method === 'INVITE') this.#sendAckFor(final);
    return final;
  }

  reply(request: RawMessage, status: number, headers: readonly string[] = []): void {
    const lines = [
      `SIP/2.0 ${status} Reason`,
      ...request.all('Via').map((value) => `Via: ${value}`),
      `From: ${request.header('From')}`,
      `To: ${request.header('To')}`,
      `Call-ID: ${request.header('Call-ID')}`,
      `CSeq: ${request.header('CSeq')}`,
      ...headers,
      'Content-Length: 0',
    ];
    this.#link.send(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** The next message that fits: `BYE`, or whatever the function says. Provisional responses are skipped by no one else. */
  expect(wanted: string | ((message: RawMessage) => boolean)): Promise<RawMessage> {
    const matches =
      typeof wanted === 'function'
        ? wanted
        : (message: RawMessage) => message.status === 0 && message.method === wanted;
    const index = this.#heard.findIndex(matches);
    const known = index < 0 ? undefined : this.#heard.splice(index, 1)[0];
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const heard = this.#heard.map((message) => message.firstLine).join(' | ');
        reject(new Error(`not heard: ${String(wanted)}; left over: ${heard}`));
      }, answerMs);
      this.#waiting.push({
        matches,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      });
    });
  }

  /** From now on BYE is answered 200, whoever waits for it. */
  answerByes(): void {
    this.#answersByes = true;
    for (const message of this.#heard) if (message.status === 0 && message.method === 'BYE') this.reply(message, 200);
  }

  #hear(message: RawMessage): void {
    if (this.#answersByes && message.status === 0 && message.method === 'BYE') this.reply(message, 200);
    const index = this.#waiting.findIndex(({ matches }) => matches(message));
    if (index < 0) this.#heard.push(message);
    else this.#waiting.splice(index, 1)[0]?.resolve(message);
  }

  #send(method: string, headers: readonly string[], body: ClientBody | undefined, sequence = ++this.#sequence): string {
    const text = [
      `${method} ${this.#target} SIP/2.0`,
      this.#via(),
      'Max-Forwards: 70',
      `From: ${this.#from};tag=${this.#tag}`,
      `To: ${this.#to}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: ${this.#contact}`,
      ...headers,
      ...(body === undefined ? [] : [`Content-Type: ${body.contentType}`]),
      `Content-Length: ${Buffer.byteLength(body?.body ?? '')}`,
      '',
      body?.body ?? '',
    ].join('\r\n');
    this.#link.send(text);
    return text;
  }

  /** To a refusal: of the INVITE's own transaction (RFC 3261 section 17.1.1.3). */
  #sendAckFor(final: RawMessage): void {
    const lines = [
      `ACK ${this.#target} SIP/2.0`,
      `Via: ${final
        .header('Via')
        .replace(/;received=[^;]*/, '')
        .replace(/;rport=\d+/, ';rport')}`,
      'Max-Forwards: 70',
      `From: ${final.header('From')}`,
      `To: ${final.header('To')}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${this.#sequence} ACK`,
      'Content-Length: 0',
    ];
    this.#link.send(`${lines.join('\r\n')}\r\n\r\n`);
  }

  #via(): string {
    return `Via: SIP/2.0/${this.#link.transport} 127.0.0.1:${this.#link.port};rport;branch=z9hG4bK${newToken()}`;
  }

  /** Sends 20 ms packets of a tone in mu-law to a port, all at once. */
  sendTone(rtpPort: number, frequencyHz: number, packets = 25): Promise<void> {
    return this.play(rtpPort, toneCodes(frequencyHz, packets * packetSamples), 'at-once');
  }

  /** Sends mu-law to a port in packets of 20 ms: all at once, or each in its time. */
  async play(rtpPort: number, codes: Uint8Array, pace: 'at-once' | 'in-time'): Promise<void> {
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    const ssrc = Math.floor(Math.random() * 2 ** 32);
    const startMs = performance.now();
    for (let index = 0; (index + 1) * packetSamples <= codes.length; index += 1) {
      const header = Buffer.alloc(12);
      header.writeUInt8(0x80, 0);
      header.writeUInt16BE(index & 0xffff, 2);
      header.writeUInt32BE(index * packetSamples, 4);
      header.writeUInt32BE(ssrc, 8);
      const packet = Buffer.concat([header, codes.subarray(index * packetSamples, (index + 1) * packetSamples)]);
      await new Promise((resolve) => socket.send(packet, rtpPort, '127.0.0.1', resolve));
      const waitMs = pace === 'in-time' ? startMs + 20 * (index + 1) - performance.now() : 0;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
    await this.#link.close();
  }
}

/** RTP ports of the m-lines of a description, in order. */
export function portsOf(description: string): number[] {
  return [...description.matchAll(/^m=\w+ (\d+)/gm)].map(([, port]) => Number(port));
}
