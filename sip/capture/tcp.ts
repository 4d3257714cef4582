import { PairMap, type Endpoint } from './addresses.ts';
import type { TransportPacket } from './ip.ts';
import { SipStream } from './sip-stream.ts';

/** One direction of a connection holds no more than this of what came too early. */
const maxEarlyBytes = 262_144;
const maxEarlySegments = 256;
/** Further from the expected place than any window: another connection between the same ports. */
const otherConnectionBytes = 16_777_216;
const maxDirections = 20_000;

interface Early {
  readonly sequence: number;
  readonly bytes: Buffer;
}

class Direction {
  readonly source: Endpoint;
  readonly target: Endpoint;
  /** Of the next byte; -1 before the first. */
  next = -1;
  readonly early: Early[] = [];
  earlyBytes = 0;
  stream: SipStream;

  constructor(source: Endpoint, target: Endpoint, onMessage: (bytes: Buffer) => void) {
    this.source = source;
    this.target = target;
    this.stream = new SipStream(onMessage);
  }
}

/**
 * SIP out of TCP segments in the order of the capture: those that came early wait, those that came before are dropped,
 * and where bytes are missing for good the stream is taken up again at the next message.
 */
export class TcpStreams {
  readonly #directions = new PairMap<Direction>();
  readonly #onMessage: (bytes: Buffer, source: Endpoint, target: Endpoint) => void;
  gaps = 0;

  constructor(onMessage: (bytes: Buffer, source: Endpoint, target: Endpoint) => void) {
    this.#onMessage = onMessage;
  }

  push(packet: TransportPacket): void {
    const { source, target, sequence, start, end } = packet;
    let direction = this.#directions.get(source, target);
    if (direction === undefined) {
      if (start === end && !packet.syn) return;
      direction = new Direction(source, target, (bytes) => this.#onMessage(bytes, source, target));
      this.#make(direction);
    }
    if (packet.syn) this.#restart(direction, (sequence + 1) >>> 0);
    if (end > start && !direction.stream.isOther) {
      this.#take(direction, packet.syn ? (sequence + 1) >>> 0 : sequence, packet.bytes.subarray(start, end));
    }
    if (packet.over && direction.early.length === 0) this.#directions.delete(source, target);
  }

  #make(direction: Direction): void {
    if (this.#directions.size >= maxDirections) {
      for (const oldest of this.#directions.values()) {
        this.#directions.delete(oldest.source, oldest.target);
        break;
      }
    }
    this.#directions.set(direction.source, direction.target, direction);
  }

  #restart(direction: Direction, next: number): void {
    // The same SYN again says nothing new.
    if (direction.next === next) return;
    const { source, target } = direction;
    direction.next = next;
    direction.early.length = 0;
    direction.earlyBytes = 0;
    direction.stream = new SipStream((bytes) => this.#onMessage(bytes, source, target));
  }

  #take(direction: Direction, sequence: number, bytes: Buffer): void {
    if (direction.next === -1) direction.next = sequence;
    const ahead = (sequence - direction.next) | 0;
    if (Math.abs(ahead) > otherConnectionBytes) {
      this.#restart(direction, sequence);
      this.#deliver(direction, bytes);
    } else if (ahead > 0) {
      this.#keep(direction, sequence, bytes);
    } else if (ahead + bytes.length > 0) {
      this.#deliver(direction, bytes.subarray(-ahead));
    }
    this.#drain(direction);
    if (direction.early.length >= maxEarlySegments || direction.earlyBytes > maxEarlyBytes) this.#jump(direction);
  }

  #keep(direction: Direction, sequence: number, bytes: Buffer): void {
    if (direction.early.some((each) => each.sequence === sequence && each.bytes.length >= bytes.length)) return;
    direction.early.push({ sequence, bytes: Buffer.from(bytes) });
    direction.earlyBytes += bytes.length;
    direction.early.sort((a, b) => (a.sequence - b.sequence) | 0);
  }

  #drain(direction: Direction): void {
    for (let first = direction.early[0]; first !== undefined; first = direction.early[0]) {
      const ahead = (first.sequence - direction.next) | 0;
      if (ahead > 0) return;
      direction.early.shift();
      direction.earlyBytes -= first.bytes.length;
      if (ahead + first.bytes.length > 0) this.#deliver(direction, first.bytes.subarray(-ahead));
    }
  }

  /** What is missing will not come: go on with what there is. */
  #jump(direction: Direction): void {
    const first = direction.early[0];
    if (first === undefined) return;
    this.gaps++;
    direction.next = first.sequence;
    direction.stream.lose();
    this.#drain(direction);
  }

  #deliver(direction: Direction, bytes: Buffer): void {
    direction.next = (direction.next + bytes.length) >>> 0;
    direction.stream.push(bytes);
  }

  /** At the end of the file: what waits for bytes that were never captured. */
  finish(): void {
    for (const direction of this.#directions.values()) while (direction.early.length > 0) this.#jump(direction);
  }
}
