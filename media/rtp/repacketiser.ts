import { rtpHeaderBytes, type RtpView } from './packet.ts';
import { unwrapSequence } from './sequence.ts';

/**
 * Cuts packets longer than a leg's maxptime. Numbers stay true without any memory of packets: once cutting into n pieces
 * has begun, the packet numbered s leaves as s*n, s*n+1 ..., so that loss and reordering look the same behind it. What
 * is not cut then (telephone-event, comfort noise) takes the first of its n numbers.
 */
export class Repacketiser {
  #pieces = 1;
  #near = -1;

  /** Whether numbers are already being rewritten; if so every packet must come through here. */
  get active(): boolean {
    return this.#pieces > 1;
  }

  /** The packets to send instead. `payload` is that of the packet, translated already if need be. */
  cut(bytes: Uint8Array, view: RtpView, payload: Uint8Array, type: number, pieceBytes: number): Buffer[] {
    const needed = Math.max(1, Math.ceil(payload.length / pieceBytes));
    if (needed > this.#pieces) this.#pieces = needed;
    this.#near = this.#near < 0 ? view.sequence : unwrapSequence(view.sequence, this.#near);
    const packets: Buffer[] = [];
    for (let piece = 0; piece < needed; piece++) {
      const part = payload.subarray(piece * pieceBytes, (piece + 1) * pieceBytes);
      const packet = Buffer.allocUnsafe(rtpHeaderBytes + part.length);
      packet.set(bytes.subarray(0, rtpHeaderBytes));
      packet[0] = 0x80;
      packet[1] = type | (view.marker && piece === 0 ? 0x80 : 0);
      packet.writeUInt16BE((this.#near * this.#pieces + piece) & 0xffff, 2);
      packet.writeUInt32BE((view.timestamp + piece * pieceBytes) >>> 0, 4);
      packet.set(part, rtpHeaderBytes);
      packets.push(packet);
    }
    return packets;
  }
}
