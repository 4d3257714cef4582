import { unwrapTimestamp } from '../rtp/sequence.ts';

const wrap = 0x1_0000_0000;

/**
 * Brings one source's RTP timestamps down to 8 kHz (from the 48 kHz of Opus). They are unwrapped first: divided as they
 * are, they would jump wherever the sender's 32 bits wrap, once a day at 48 kHz and as soon as it likes in a call.
 */
export class TimestampScale {
  readonly #ratio: number;
  #ssrc = -1;
  #newest = 0;

  /** `ratio`: clock rate over 8 kHz. */
  constructor(ratio: number) {
    this.#ratio = ratio;
  }

  /** 32 bits, at 8 kHz. */
  to8k(ssrc: number, timestamp: number): number {
    if (ssrc !== this.#ssrc) {
      this.#ssrc = ssrc;
      this.#newest = timestamp + wrap;
    }
    const unwrapped = unwrapTimestamp(timestamp, this.#newest);
    if (unwrapped > this.#newest) this.#newest = unwrapped;
    return Math.floor(unwrapped / this.#ratio) % wrap;
  }
}
