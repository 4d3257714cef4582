import type { Frame } from './capture-writer.ts';
import { fragments, ip, linkFrames, tcp, udp, type Address } from './frames.ts';

/** What happened on a network, packet by packet on one clock, to be written as a capture of any kind. */
export class Scene {
  readonly #packets: { readonly atMs: number; readonly packet: Buffer }[] = [];
  #id = 1;
  /** ms of the scene; a test moves it. */
  nowMs = 0;
  static readonly startEpochMs = 1_790_000_000_000;

  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this;
  }

  packet(packet: Buffer): this {
    this.#packets.push({ atMs: this.nowMs, packet });
    return this;
  }

  udp(from: Address, to: Address, payload: Buffer | string): this {
    return this.packet(ip(from, to, 'udp', udp(from, to, Buffer.from(payload))));
  }

  /** In fragments, in the order given by `arrange`. */
  fragmented(
    from: Address,
    to: Address,
    payload: Buffer | string,
    arrange = (pieces: Buffer[]): Buffer[] => pieces,
  ): this {
    const datagram = udp(from, to, Buffer.from(payload));
    for (const piece of arrange(fragments(from, to, datagram, 256, this.#id++))) this.packet(piece);
    return this;
  }

  tcp(from: Address, to: Address, payload: Buffer | string, ...fields: [Parameters<typeof tcp>[3]]): this {
    return this.packet(ip(from, to, 'tcp', tcp(from, to, Buffer.from(payload), ...fields)));
  }

  /** 20 ms packets of one value each, from now on; the clock is where it was afterwards. */
  rtp(from: Address, to: Address, options: RtpOptions): this {
    const { packets, ssrc, payloadType = 0, fill = 0, sequence = 0, everyMs = 20 } = options;
    const startMs = this.nowMs;
    for (let i = 0; i < packets; i++) {
      this.nowMs = startMs + i * everyMs;
      this.udp(from, to, rtp(payloadType, sequence + i, 160 * i, ssrc, Buffer.alloc(160, fill)));
    }
    this.nowMs = startMs;
    return this;
  }

  /** In order of time, as frames of the link type. */
  frames(link: keyof typeof linkFrames = 'ethernet'): Frame[] {
    const wrap = linkFrames[link]?.frame ?? ((packet: Buffer): Buffer => packet);
    return this.#packets
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ atMs, packet }) => ({ atNs: BigInt(Scene.startEpochMs + atMs) * 1_000_000n, bytes: wrap(packet) }));
  }
}

export interface RtpOptions {
  readonly packets: number;
  readonly ssrc: number;
  readonly payloadType?: number;
  /** The code of every sample: tells streams apart. */
  readonly fill?: number;
  readonly sequence?: number;
  readonly everyMs?: number;
}

export function rtp(payloadType: number, sequence: number, timestamp: number, ssrc: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}
