import { createSocket, type Socket } from 'node:dgram';
import { SidetoneError } from '#lib/errors.ts';
import type {
  ForkStreamSettings,
  MediaFork,
  PacketStream,
  PartySide,
  PcmStream,
  PcmStreamFormat,
  RecordPolicy,
  RtpStream,
} from '../types.ts';

/** A fork of a few lines: a real socket for each stream that keeps what comes, and a record of all it was told. */
export class SmallMediaFork implements MediaFork {
  readonly callId: string;
  readonly record: RecordPolicy;
  readonly rtp = new Map<PartySide, SmallRtpStream>();
  readonly pcm = new Map<PartySide, SmallPcmStream>();
  readonly pauses: boolean[] = [];
  /** RTP streams that may be added. */
  limit: number;
  closed = false;

  constructor(callId: string, record: RecordPolicy, limit: number) {
    this.callId = callId;
    this.record = record;
    this.limit = limit;
  }

  async addRtp(side: PartySide): Promise<RtpStream> {
    if (this.closed) throw new SidetoneError('bad-request', 'the fork is closed');
    if (this.rtp.size >= this.limit) throw new SidetoneError('ports-exhausted', 'no ports left');
    this.#claim(side);
    const stream = new SmallRtpStream(side, await bound());
    this.rtp.set(side, stream);
    return stream;
  }

  addPcm(side: PartySide, format: PcmStreamFormat): Promise<PcmStream> {
    this.#claim(side);
    const stream = new SmallPcmStream(side, format);
    this.pcm.set(side, stream);
    return Promise.resolve(stream);
  }

  addPackets(): Promise<PacketStream> {
    return Promise.reject(new SidetoneError('bad-request', 'of a call that is not live alone'));
  }

  #claim(side: PartySide): void {
    if (this.rtp.has(side) || this.pcm.has(side) || this.rtp.size + this.pcm.size >= 3) {
      throw new SidetoneError('bad-request', 'the side is taken, or three are');
    }
  }

  stream(side: PartySide): SmallRtpStream {
    const stream = this.rtp.get(side);
    if (stream === undefined) throw new Error(`no stream of ${side}`);
    return stream;
  }

  pause(paused: boolean): void {
    this.pauses.push(paused);
  }

  room(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const stream of this.rtp.values()) await stream.close();
  }
}

export class SmallRtpStream implements RtpStream {
  readonly side: PartySide;
  readonly ports: RtpStream['ports'];
  readonly updates: ForkStreamSettings[] = [];
  readonly keys: number[] = [];
  /** Payloads as they came, without their headers, and the payload types. */
  readonly payloads: Buffer[] = [];
  readonly payloadTypes = new Set<number>();
  closed = false;
  readonly #socket: Socket;

  constructor(side: PartySide, socket: Socket) {
    this.side = side;
    this.#socket = socket;
    const rtpPort = socket.address().port;
    this.ports = { rtpPort, rtcpPort: rtpPort + 1 };
    socket.on('message', (packet) => {
      if (packet.length < 12) return;
      this.payloadTypes.add(packet.readUInt8(1) & 0x7f);
      this.payloads.push(packet.subarray(12));
    });
  }

  update(settings: ForkStreamSettings): void {
    if (this.closed) throw new Error('update of a closed stream');
    this.updates.push(settings);
  }

  key(durationMs: number): void {
    this.keys.push(durationMs);
  }

  get settings(): ForkStreamSettings | undefined {
    return this.updates.at(-1);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

export class SmallPcmStream implements PcmStream {
  readonly side: PartySide;
  readonly format: PcmStreamFormat;
  readonly keys: number[] = [];
  readonly chunks: Uint8Array[] = [];
  readonly gapsMs: number[] = [];

  constructor(side: PartySide, format: PcmStreamFormat) {
    this.side = side;
    this.format = format;
  }

  write(bytes: Uint8Array<ArrayBuffer>): void {
    this.chunks.push(bytes);
  }

  gap(ms: number): void {
    this.gapsMs.push(ms);
  }

  key(durationMs: number): void {
    this.keys.push(durationMs);
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, () => resolve(socket));
  });
}
