import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { LegMediaSettings } from '#sip/types.ts';
import { talkingLeg } from '#test/leg-settings.ts';
import { decodeG711 } from '#lib/audio/g711.ts';
import { emptyRtpView, readRtp } from '../rtp/packet.ts';
import { pcmuPayload, rtpPacket } from './packets.ts';

export const localhost = '127.0.0.1';

export interface Received {
  readonly type: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

/** A phone of the tests: real sockets on loopback, RTP and RTCP. */
export class Phone {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly received: Received[] = [];
  readonly receivedRtcp: Buffer[] = [];
  readonly ssrc: number;
  readonly #serverAddress: string;
  #sequence = 65_500;
  #timestamp = 0xffff_f000;

  private constructor(rtp: Socket, rtcp: Socket, ssrc: number) {
    this.#serverAddress = isIP(rtp.address().address) === 6 ? '::1' : localhost;
    this.rtp = rtp;
    this.rtcp = rtcp;
    this.ssrc = ssrc;
    const view = emptyRtpView();
    rtp.on('message', (bytes) => {
      if (!readRtp(bytes, view)) return;
      const { payloadType: type, sequence, timestamp, ssrc: from } = view;
      const payload = Buffer.from(bytes.subarray(view.payloadStart, view.payloadEnd));
      this.received.push({ type, sequence, timestamp, ssrc: from, payload });
    });
    rtcp.on('message', (bytes) => this.receivedRtcp.push(bytes));
  }

  static async create(ssrc: number, address = localhost): Promise<Phone> {
    return new Phone(await bound(address), await bound(address), ssrc);
  }

  settings(changes: Partial<LegMediaSettings> = {}): LegMediaSettings {
    const { address, port } = this.rtp.address();
    return talkingLeg(port, { address, rtcpPort: this.rtcp.address().port, ...changes });
  }

  /** One packet of payload type 0 unless told otherwise; sequence and timestamp go on. */
  send(port: number, payload: Uint8Array, options: { type?: number; advance?: number; ssrc?: number } = {}): void {
    const { type = 0, advance = payload.length, ssrc = this.ssrc } = options;
    const packet = rtpPacket({ type, sequence: this.#sequence, timestamp: this.#timestamp, ssrc, payload });
    this.#sequence++;
    this.#timestamp += advance;
    this.rtp.send(packet, port, this.#serverAddress);
  }

  sendRaw(port: number, bytes: Buffer): void {
    this.rtp.send(bytes, port, this.#serverAddress);
  }

  /** A sound in real time, 20 ms a packet. */
  async play(port: number, pcm: Int16Array, ssrc?: number): Promise<void> {
    const startMs = performance.now();
    for (let at = 0; at < pcm.length; at += 160) {
      this.send(port, pcmuPayload(pcm.subarray(at, at + 160)), ssrc === undefined ? {} : { ssrc });
      await pause(startMs + at / 8 + 20 - performance.now());
    }
  }

  /** All audio received, in the order in which it came. */
  heard(): Int16Array {
    const audio = this.received.filter(({ type }) => type === 0 || type === 8);
    return Int16Array.from(
      audio.flatMap(({ type, payload }) => [...decodeG711(type === 0 ? 'pcmu' : 'pcma', payload)]),
    );
  }

  close(): void {
    this.rtp.close();
    this.rtcp.close();
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Waits until something is so, at most 10 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`never came: ${what}`);
    await pause(10);
  }
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return socket;
}
