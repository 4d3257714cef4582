import { msToSamples } from '../types.ts';

/** Four bytes: event, E|R|volume, duration (RFC 4733 section 2.3). Events 0 to 15 are the DTMF keys. */
const eventBytes = 4;
const lastKey = 15;
/** A key is known to be down until now, give or take what clocks and networks do. */
const mostAhead = msToSamples(500);
/**
 * Presses that may come at once, and in a second: a network that was held up brings several. Each is silenced wherever
 * it already is, so a sender that makes them up by the thousand must not be followed.
 */
const mostPresses = 25;
/** Without an update for this long the event is over: its end packets were lost. */
const lostEndAfter = msToSamples(200);

export interface KeyEvent {
  /** 0 to 15. */
  readonly event: number;
  readonly ended: boolean;
  /** In samples, of the key so far. */
  readonly duration: number;
}

/** Undefined when the payload is no key. */
export function readKeyEvent(bytes: Uint8Array, from: number, to: number): KeyEvent | undefined {
  const event = bytes[from] as number;
  if (to - from < eventBytes || event > lastKey) return undefined;
  return {
    event,
    ended: ((bytes[from + 1] as number) & 0x80) !== 0,
    duration: ((bytes[from + 2] as number) << 8) | (bytes[from + 3] as number),
  };
}

export interface KeyListener {
  /** A key went down at `start`; it is known to be down until `end`, which grows. */
  pressed(start: number, end: number): void;
  /** The key came up at `end`. */
  released(end: number): void;
}

/**
 * Follows one stream's telephone-events. The three end packets of an event are one end; an event whose ends are lost
 * ends by silence or with the next one; an event over 8 s comes in segments (section 2.5.1.3), each a press of its own
 * that begins where the last ended. Which key it is stays in the packet.
 */
export class TelephoneEvents {
  readonly #listener: KeyListener;
  #timestamp = -1;
  #ssrc = -1;
  #down = false;
  #start = 0;
  #end = 0;
  #heardAt = 0;
  #presses = mostPresses;
  #pressesAt = 0;

  constructor(listener: KeyListener) {
    this.#listener = listener;
  }

  /**
   * One packet. `start`: where its timestamp lies on the timeline; `now`: the timeline's clock. False when the payload
   * is no key.
   */
  packet(
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    start: number,
    now: number,
  ): boolean {
    const key = readKeyEvent(bytes, from, to);
    if (key === undefined) return false;
    const { ended, duration } = key;
    const isSame = ssrc === this.#ssrc && timestamp === this.#timestamp;
    if (isSame && !this.#down) return true;
    if (!isSame) {
      if (ssrc === this.#ssrc && ((timestamp - this.#timestamp) | 0) < 0) return true;
      this.#release();
      this.#ssrc = ssrc;
      this.#timestamp = timestamp;
      if (!this.#mayPress(now)) return true;
      this.#down = true;
      this.#start = start;
      this.#end = start;
    }
    this.#end = Math.max(this.#end, Math.min(this.#start + duration, now + mostAhead));
    this.#listener.pressed(this.#start, this.#end);
    this.#heardAt = now;
    if (ended) this.#release();
    return true;
  }

  /** Time passes: ends an event whose end packets never came. */
  tick(now: number): void {
    if (this.#down && now - this.#heardAt > lostEndAfter) this.#release();
  }

  #mayPress(now: number): boolean {
    const earned = ((now - this.#pressesAt) / msToSamples(1000)) * mostPresses;
    this.#presses = Math.min(mostPresses, this.#presses + earned);
    this.#pressesAt = now;
    if (this.#presses < 1) return false;
    this.#presses -= 1;
    return true;
  }

  #release(): void {
    if (!this.#down) return;
    this.#down = false;
    this.#listener.released(this.#end);
  }
}
