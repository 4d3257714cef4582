import type { Clock } from '#lib/clock.ts';
import type { LadderMessage } from '../types.ts';
import { messageText, summaryOf } from './mask/message.ts';
import { isInvite, sipCallIdIn, type WirePeer } from '../engine/wire-tap.ts';

interface KeptMessage {
  readonly order: number;
  readonly atEpochMs: number;
  readonly direction: LadderMessage['direction'];
  readonly peer: WirePeer;
  /** As on the wire, cut where it is long. */
  readonly bytes: Buffer;
  readonly cut: boolean;
  /** Once somebody has looked. */
  shown?: LadderMessage;
}

const mostMessages = 64;
const mostBytes = 64 * 1024;
const mostBytesOfMessage = 8 * 1024;
/** Of all ladders; then the oldest are let go. */
const mostBytesInAll = 16 * 1024 * 1024;
/** INVITEs of which it is not known yet whose call they are to be. */
const mostUnclaimed = 256;

/** The messages of one call's dialogs, as they came: raw until somebody looks. */
export class Ladder {
  readonly sipCallIds: string[] = [];
  #messages: KeptMessage[] = [];
  bytes = 0;

  /** The beginning stays, and the end: what is too much is taken from the middle. */
  add(message: KeptMessage): void {
    this.#messages.push(message);
    this.bytes += message.bytes.length;
    while (this.#messages.length > mostMessages || (this.bytes > mostBytes && this.#messages.length > 2)) {
      const [dropped] = this.#messages.splice(this.#messages.length >> 1, 1);
      this.bytes -= dropped?.bytes.length ?? 0;
    }
  }

  /** Another dialog of the same call, whose messages came in between. */
  take(other: Ladder): void {
    this.sipCallIds.push(...other.sipCallIds);
    const all = [...this.#messages, ...other.#messages].sort((a, b) => a.order - b.order);
    this.clear();
    for (const message of all) this.add(message);
  }

  clear(): void {
    this.#messages = [];
    this.bytes = 0;
  }

  /** Masked. */
  read(): readonly LadderMessage[] {
    return Object.freeze(this.#messages.map((message) => (message.shown ??= show(message))));
  }
}

function show({ atEpochMs, direction, peer, bytes, cut }: KeptMessage): LadderMessage {
  const text = bytes.toString('utf8');
  return Object.freeze({
    atEpochMs,
    direction,
    peer: peerText(peer.remoteAddress, peer.remotePort),
    transport: peer.transport,
    summary: summaryOf(text),
    text: messageText(text, cut),
  });
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function peerText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Gathers the messages of dialogs that are looked at: new ones, and those that have been claimed for somebody. */
export class Ladders {
  readonly #clock: Clock;
  readonly #unclaimed = new Map<string, Ladder>();
  readonly #claimed = new Map<string, Ladder>();
  /** The oldest first. */
  readonly #kept = new Set<Ladder>();
  #bytes = 0;
  #order = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  message(direction: LadderMessage['direction'], bytes: Buffer, peer: WirePeer): void {
    const sipCallId = sipCallIdIn(bytes);
    if (sipCallId === undefined) return;
    const claimed = this.#claimed.get(sipCallId);
    const ladder = claimed ?? this.#unclaimed.get(sipCallId) ?? (isInvite(bytes) ? this.#begin(sipCallId) : undefined);
    if (ladder === undefined) return;
    const before = ladder.bytes;
    ladder.add({
      order: this.#order++,
      atEpochMs: this.#clock.nowEpochMs(),
      direction,
      peer: { transport: peer.transport, remoteAddress: peer.remoteAddress, remotePort: peer.remotePort },
      // A copy: a TCP segment would be kept whole, and what is sent again is sent from the same buffer.
      bytes: Buffer.from(bytes.subarray(0, mostBytesOfMessage)),
      cut: bytes.length > mostBytesOfMessage,
    });
    if (claimed !== undefined) this.#grown(ladder.bytes - before);
  }

  /** Whose dialog it is, is known: undefined where no INVITE of it was seen (lately). */
  claim(sipCallId: string): Ladder | undefined {
    const known = this.#claimed.get(sipCallId);
    if (known !== undefined) return known;
    const ladder = this.#unclaimed.get(sipCallId);
    if (ladder === undefined) return undefined;
    this.#unclaimed.delete(sipCallId);
    this.#claimed.set(sipCallId, ladder);
    this.#kept.add(ladder);
    this.#grown(ladder.bytes);
    return ladder;
  }

  /** Another dialog of the same call. */
  join(ladder: Ladder, sipCallId: string): void {
    if (!this.#kept.has(ladder) || this.#claimed.has(sipCallId)) return;
    const other = this.#begin(sipCallId);
    this.#unclaimed.delete(sipCallId);
    this.#claimed.set(sipCallId, ladder);
    const before = ladder.bytes;
    ladder.take(other);
    this.#grown(ladder.bytes - before);
  }

  /** Nobody looks at it any more. */
  release(ladder: Ladder): void {
    if (!this.#kept.delete(ladder)) return;
    for (const sipCallId of ladder.sipCallIds) this.#claimed.delete(sipCallId);
    this.#bytes -= ladder.bytes;
    ladder.clear();
  }

  #begin(sipCallId: string): Ladder {
    const known = this.#unclaimed.get(sipCallId);
    if (known !== undefined) return known;
    if (this.#unclaimed.size >= mostUnclaimed) {
      for (const [oldest] of this.#unclaimed) {
        this.#unclaimed.delete(oldest);
        break;
      }
    }
    const ladder = new Ladder();
    ladder.sipCallIds.push(sipCallId);
    this.#unclaimed.set(sipCallId, ladder);
    return ladder;
  }

  #grown(bytes: number): void {
    this.#bytes += bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= mostBytesInAll) return;
      this.release(oldest);
    }
  }
}
