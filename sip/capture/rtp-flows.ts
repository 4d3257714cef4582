import { PairMap, type Endpoint } from './addresses.ts';
import type { TransportPacket } from './ip.ts';
import type { RtpOwner, Signalling } from './signalling.ts';

/** Of one stream, the part that one owner (or nobody) had: what was seen, and where in the file. */
export interface RtpSegment {
  readonly source: Endpoint;
  readonly target: Endpoint;
  readonly ssrc: number;
  owner: RtpOwner | undefined;
  readonly firstEpochMs: number;
  lastEpochMs: number;
  readonly firstOffset: number;
  lastOffset: number;
  packets: number;
  /** Packets whose number follows the one before, within a small step. */
  inOrder: number;
  readonly payloadTypes: Map<number, PayloadTypeSeen>;
}

export interface PayloadTypeSeen {
  packets: number;
  /** Of packets, header included, as long as the shortest and the longest. */
  leastBytes: number;
  mostBytes: number;
}

interface Stream {
  readonly ssrc: number;
  lastSequence: number;
  segment: RtpSegment;
}

interface Flow {
  readonly streams: Stream[];
  owner: RtpOwner | undefined;
  /** Of the signalling, when `owner` was looked up. */
  version: number;
}

/** So short a stream that nobody claims is no call. */
export const leastStrayPackets = 10;
const maxSegments = 200_000;
const sweepEveryPackets = 100_000;
const maxStreamsOfFlow = 64;
const idleMs = 30_000;
const stepPackets = 100;
/** No stream, and no call, rests this long: a device that numbers its streams alike, or a clock that was set. */
export const longestRestMs = 4 * 3_600_000;

/** RFC 3550 section 5.1, as far as a capture must know it: the packet is read in earnest where it is played. */
export function isRtp(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 12 || (bytes[start] as number) >> 6 !== 2) return false;
  // RFC 5761 section 4: RTCP on the same port.
  const second = bytes[start + 1] as number;
  return second < 192 || second > 223;
}

/** The RTP streams of a capture: by ports and SSRC, told to whom each belongs as the signalling stands meanwhile. */
export class RtpFlows {
  readonly #signalling: Signalling;
  readonly #flows = new PairMap<Flow>();
  readonly segments = new Set<RtpSegment>();
  #nextSweep = 0;
  packets = 0;
  /** Of streams given up as noise, or past the bound. */
  forgottenPackets = 0;

  constructor(signalling: Signalling) {
    this.#signalling = signalling;
  }

  onPacket(packet: TransportPacket, atEpochMs: number, offsetBytes: number): void {
    const { bytes, start, end, source, target } = packet;
    if (!isRtp(bytes, start, end)) return;
    this.packets++;
    let flow = this.#flows.get(source, target);
    if (flow === undefined) {
      if (this.#isFull(atEpochMs)) {
        this.forgottenPackets++;
        return;
      }
      this.#flows.set(source, target, (flow = { streams: [], owner: undefined, version: -1 }));
    }
    const { version } = this.#signalling;
    if (flow.version !== version || flow.owner?.call.isOver(atEpochMs) === true) {
      const owner = this.#signalling.ownerOf(source, target, atEpochMs);
      if (owner?.call !== flow.owner?.call || owner?.side !== flow.owner?.side) flow.owner = owner;
      flow.version = version;
    }
    this.#count(flow, packet, atEpochMs, offsetBytes);
  }

  #count(flow: Flow, packet: TransportPacket, atEpochMs: number, offsetBytes: number): void {
    const { bytes, start, end } = packet;
    const sequence = bytes.readUInt16BE(start + 2);
    const ssrc = bytes.readUInt32BE(start + 8);
    let stream = flow.streams.find((each) => each.ssrc === ssrc);
    if (stream === undefined) {
      if (flow.streams.length >= maxStreamsOfFlow || this.#isFull(atEpochMs)) {
        this.forgottenPackets++;
        return;
      }
      stream = { ssrc, lastSequence: sequence - 1, segment: this.#begin(flow, packet, ssrc, atEpochMs, offsetBytes) };
      flow.streams.push(stream);
    }
    if (stream.segment.owner !== flow.owner || atEpochMs - stream.segment.lastEpochMs > longestRestMs) {
      stream.segment = this.#begin(flow, packet, ssrc, atEpochMs, offsetBytes);
    }
    const { segment } = stream;
    const step = (sequence - stream.lastSequence) & 0xffff;
    if (step > 0 && step < stepPackets) segment.inOrder++;
    stream.lastSequence = sequence;
    segment.packets++;
    segment.lastEpochMs = Math.max(segment.lastEpochMs, atEpochMs);
    segment.lastOffset = offsetBytes;
    const payloadType = (bytes[start + 1] as number) & 0x7f;
    const size = end - start;
    const seen = segment.payloadTypes.get(payloadType);
    if (seen === undefined) segment.payloadTypes.set(payloadType, { packets: 1, leastBytes: size, mostBytes: size });
    else {
      seen.packets++;
      if (size < seen.leastBytes) seen.leastBytes = size;
      if (size > seen.mostBytes) seen.mostBytes = size;
    }
  }

  #begin(flow: Flow, packet: TransportPacket, ssrc: number, atEpochMs: number, offsetBytes: number): RtpSegment {
    const segment: RtpSegment = {
      source: packet.source,
      target: packet.target,
      ssrc,
      owner: flow.owner,
      firstEpochMs: atEpochMs,
      lastEpochMs: atEpochMs,
      firstOffset: offsetBytes,
      lastOffset: offsetBytes,
      packets: 0,
      inOrder: 0,
      payloadTypes: new Map(),
    };
    this.segments.add(segment);
    return segment;
  }

  /** Makes room by forgetting what looked like RTP and was not; true when there is none to be made. */
  #isFull(nowEpochMs: number): boolean {
    if (this.segments.size < maxSegments) return false;
    // A sweep is dear: not for every packet of a file that is nothing but noise.
    if (this.packets < this.#nextSweep) return true;
    this.#nextSweep = this.packets + sweepEveryPackets;
    for (const segment of this.segments) {
      if (segment.owner !== undefined || segment.packets >= leastStrayPackets) continue;
      if (nowEpochMs - segment.lastEpochMs > idleMs) this.#forget(segment);
    }
    return this.segments.size >= maxSegments;
  }

  #forget(segment: RtpSegment): void {
    this.segments.delete(segment);
    this.forgottenPackets += segment.packets;
    const flow = this.#flows.get(segment.source, segment.target);
    const index = flow?.streams.findIndex((stream) => stream.segment === segment) ?? -1;
    if (index !== -1) flow?.streams.splice(index, 1);
    if (flow?.streams.length === 0) this.#flows.delete(segment.source, segment.target);
  }
}
