import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once as onceEvent } from 'node:events';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import type { Law } from '#sip/types.ts';

const packetMs = 20;
const packetSamples = 160;
const rtpHeaderBytes = 12;
export const telephoneEventPayload = 101;
const payloadOf: Readonly<Record<Law, number>> = { pcmu: 0, pcma: 8 };
const digits = '0123456789*#ABCD';
/** A key is held this long; RFC 4733 section 2.5.1.3. */
const keyMs = 100;

/** A key pressed at a time of the sound played. */
export interface KeyPress {
  readonly atMs: number;
  readonly digit: string;
}

/**
 * The sound of one softphone: sends 8 kHz PCM as G.711 over RTP in real time, one packet each 20 ms, with keys as
 * RFC 4733 events, and keeps what it hears, placed by the far end's timestamps.
 */
export class RtpEndpoint {
  readonly #socket: Socket;
  readonly #law: Law;
  readonly #ssrc = randomBytes(4).readUInt32BE(0);
  readonly #heard: { readonly timestamp: number; readonly pcm: Int16Array }[] = [];
  #sequence = randomInt(0x8000);
  #receivedPackets = 0;
  #lossShare = 0;

  private constructor(socket: Socket, law: Law) {
    this.#socket = socket;
    this.#law = law;
    socket.on('message', (packet: Buffer, _from: RemoteInfo) => this.#receive(packet));
    // An ICMP "port unreachable" after the far end has hung up is no news.
    socket.on('error', () => undefined);
  }

  static async open(address: string, law: Law): Promise<RtpEndpoint> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await onceEvent(socket, 'listening');
    return new RtpEndpoint(socket, law);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get receivedPackets(): number {
    return this.#receivedPackets;
  }

  /**
   * Plays to the end. Resolves when nothing more is sent.
   * Packets that fall behind the clock are sent at once, so the stream keeps its length on a busy machine.
   */
  async play(
    pcm: Int16Array,
    to: { readonly address: string; readonly port: number },
    options: {
      readonly keys?: readonly KeyPress[];
      /** Ends the sound early. */
      readonly until?: AbortSignal;
      readonly lossShare?: number;
    } = {},
  ): Promise<void> {
    this.#lossShare = options.lossShare ?? 0;
    const timestampBase = randomInt(2 ** 31);
    const keys = [...(options.keys ?? [])].sort((a, b) => a.atMs - b.atMs);
    const startMs = performance.now();
    let pressed: { readonly key: KeyPress; readonly atSample: number } | undefined;
    const playing = (): boolean => options.until?.aborted !== true && sent * packetSamples < pcm.length;
    let sent = 0;
    while (playing()) {
      const due = Math.floor((performance.now() - startMs) / packetMs) + 1;
      for (; sent < due && playing(); sent++) {
        const atSample = sent * packetSamples;
        const atMs = sent * packetMs;
        if (pressed === undefined && keys[0] !== undefined && keys[0].atMs <= atMs) {
          pressed = { key: keys.shift()!, atSample };
        }
        if (pressed === undefined) {
          this.#send(
            to,
            payloadOf[this.#law],
            timestampBase + atSample,
            encodeG711(this.#law, block(pcm, atSample)),
            sent === 0,
          );
          continue;
        }
        const durationSamples = atSample - pressed.atSample + packetSamples;
        const over = durationSamples >= keyMs * 8;
        const event = keyEvent(pressed.key.digit, durationSamples, over);
        // The end of an event is sent three times (RFC 4733 section 2.5.1.4).
        for (let times = over ? 3 : 1; times > 0; times--) {
          this.#send(
            to,
            telephoneEventPayload,
            timestampBase + pressed.atSample,
            event,
            durationSamples === packetSamples,
          );
        }
        if (over) pressed = undefined;
      }
      await pause(packetMs / 2);
    }
  }

  /** What was heard, from the first packet on, gaps as silence. */
  heard(): Int16Array {
    const first = this.#heard[0]?.timestamp ?? 0;
    const placed = this.#heard.map(({ timestamp, pcm }) => ({ at: (timestamp - first) | 0, pcm }));
    // A far end that starts a new stream jumps anywhere; such packets have no place on this line.
    const near = placed.filter(({ at }) => at >= 0 && at < placed.length * 10 * packetSamples);
    const sound = new Int16Array(Math.max(0, ...near.map(({ at, pcm }) => at + pcm.length)));
    for (const { at, pcm } of near) sound.set(pcm, at);
    return sound;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #send(
    to: { readonly address: string; readonly port: number },
    payloadType: number,
    timestamp: number,
    payload: Uint8Array,
    marker: boolean,
  ): void {
    const packet = Buffer.alloc(rtpHeaderBytes + payload.length);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | payloadType;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    packet.set(payload, rtpHeaderBytes);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    if (this.#lossShare > 0 && Math.random() < this.#lossShare) return;
    this.#socket.send(packet, to.port, to.address, () => undefined);
  }

  #receive(packet: Buffer): void {
    if (packet.length <= rtpHeaderBytes || (packet[0] ?? 0) >> 6 !== 2) return;
    const payloadType = (packet[1] ?? 0) & 0x7f;
    if (payloadType !== payloadOf.pcmu && payloadType !== payloadOf.pcma) return;
    const law: Law = payloadType === payloadOf.pcmu ? 'pcmu' : 'pcma';
    this.#receivedPackets += 1;
    this.#heard.push({ timestamp: packet.readUInt32BE(4), pcm: decodeG711(law, packet.subarray(rtpHeaderBytes)) });
  }
}

function block(pcm: Int16Array, atSample: number): Int16Array {
  const piece = pcm.subarray(atSample, atSample + packetSamples);
  if (piece.length === packetSamples) return piece;
  const padded = new Int16Array(packetSamples);
  padded.set(piece);
  return padded;
}

/** RFC 4733 section 2.3: event, E bit and volume, duration. */
function keyEvent(digit: string, durationSamples: number, over: boolean): Uint8Array {
  const event = Buffer.alloc(4);
  event[0] = Math.max(0, digits.indexOf(digit));
  event[1] = (over ? 0x80 : 0) | 10;
  event.writeUInt16BE(durationSamples, 2);
  return event;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
