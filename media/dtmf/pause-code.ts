import { KeyCodes, type PauseCodes } from '#lib/key-codes.ts';
import type { ChannelSide } from '#sip/types.ts';
import { readKeyEvent } from './telephone-event.ts';

interface Watched {
  readonly codes: KeyCodes;
  ssrc: number;
  timestamp: number;
}

/** Hears the codes that pause and resume a call among the telephone-events of its sides. */
export class PauseCodeWatch {
  readonly #codes: PauseCodes;
  readonly #found: (paused: boolean) => void;
  readonly #sides = new Map<ChannelSide, Watched>();

  constructor(codes: PauseCodes, found: (paused: boolean) => void) {
    this.#codes = codes;
    this.#found = found;
  }

  /** One packet of telephone-event; the further packets of a press, which have its timestamp, are not counted again. */
  packet(
    side: ChannelSide,
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    nowMs: number,
  ): void {
    const key = readKeyEvent(bytes, from, to);
    if (key === undefined) return;
    let watched = this.#sides.get(side);
    if (watched === undefined) {
      watched = { codes: new KeyCodes(this.#codes), ssrc: -1, timestamp: 0 };
      this.#sides.set(side, watched);
    }
    // The same press, or one before it that was late.
    if (ssrc === watched.ssrc && ((timestamp - watched.timestamp) | 0) <= 0) return;
    watched.ssrc = ssrc;
    watched.timestamp = timestamp;
    const paused = watched.codes.press(key.event, nowMs);
    if (paused !== undefined) this.#found(paused);
  }
}
