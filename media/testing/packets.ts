import { encodeG711 } from '#lib/audio/g711.ts';

export interface PacketFields {
  readonly type?: number;
  readonly marker?: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc?: number;
  readonly payload: Uint8Array;
}

/** An RTP packet as a phone would send it; sequence and timestamp wrap. */
export function rtpPacket({ type = 0, marker = false, sequence, timestamp, ssrc = 1, payload }: PacketFields): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = type | (marker ? 0x80 : 0);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp % 0x1_0000_0000, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.set(payload, 12);
  return packet;
}

/** A telephone-event payload (RFC 4733). */
export function eventPayload(event: number, durationSamples: number, ended = false): Buffer {
  return Buffer.from([event, ended ? 0x8a : 0x0a, durationSamples >> 8, durationSamples & 0xff]);
}

export function pcmuPayload(pcm: Int16Array): Uint8Array {
  return encodeG711('pcmu', pcm);
}
