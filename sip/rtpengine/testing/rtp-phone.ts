import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A phone of one sound: it sends 20 ms packets filled with one code of its own, and keeps what it hears. */
export class RtpPhone {
  readonly port: number;
  readonly heard: Buffer[] = [];
  readonly payloadTypes = new Set<number>();
  /** With which its packets are filled, from the next `talk` on. */
  code: number;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 65_530;
  #timestamp = 0xffff_ff00;

  private constructor(socket: Socket, code: number) {
    this.#socket = socket;
    this.code = code;
    this.port = socket.address().port;
    socket.on('message', (packet) => {
      this.payloadTypes.add((packet[1] ?? 0) & 0x7f);
      this.heard.push(packet.subarray(12));
    });
  }

  static async open(code: number): Promise<RtpPhone> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new RtpPhone(socket, code);
  }

  /** What it describes itself as. */
  sdp(formats: string, direction = 'sendrecv', more: readonly string[] = []): string {
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${this.port} RTP/AVP ${formats}`,
      ...more,
      ...(formats.endsWith('101') ? ['a=rtpmap:101 telephone-event/8000'] : []),
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  /** From now on, in real time, until `stop`. */
  talk(port: number, payloadType = 0, bytes = 160): void {
    this.stop();
    const payload = Buffer.alloc(bytes, this.code);
    this.#timer = setInterval(() => {
      const header = Buffer.alloc(12);
      header[0] = 0x80;
      header[1] = payloadType;
      header.writeUInt16BE(this.#sequence++ & 0xffff, 2);
      header.writeUInt32BE(this.#timestamp >>> 0, 4);
      header.writeUInt32BE(0x1234_0000 + this.code, 8);
      this.#timestamp += 160;
      this.#socket.send(Buffer.concat([header, payload]), port, '127.0.0.1');
    }, 20);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  close(): void {
    this.stop();
    this.#socket.close();
  }
}
