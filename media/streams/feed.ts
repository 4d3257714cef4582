import type { PartySide, PcmStream, PcmStreamFormat } from '#sip/types.ts';

/** A sender may be so far ahead of time: what a network held up comes in one go. */
const aheadMs = 5000;
/** What comes before the stream stands is kept, as much as may come at once, in no more pieces than it comes in. */
const longestWaitMs = 5000;
const mostPieces = 2000;
/** Nobody presses more, and no machine dials faster: each key is silenced wherever it already is, on disk too. */
const mostKeysASecond = 25;

export function bytesPerMs({ encoding, sampleRateHz }: PcmStreamFormat): number {
  return ((encoding === 'linear16' ? 2 : 1) * sampleRateHz) / 1000;
}

export function isSameFormat(one: PcmStreamFormat, other: PcmStreamFormat): boolean {
  return one.encoding === other.encoding && one.sampleRateHz === other.sampleRateHz;
}

/**
 * The way of one side's sound into its call, from one sender. What comes before the stream stands waits; what comes
 * faster than it can have been spoken is dropped and counted, so that no sender fills the memory.
 */
export class Feed {
  readonly side: PartySide;
  readonly format: PcmStreamFormat;
  readonly #onDropped: (ms: number) => void;
  readonly #onKey: (spelled: unknown) => void;
  readonly #nowMs: () => number;
  #stream: PcmStream | undefined;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #startMs = -1;
  #givenMs = 0;
  #keysSinceMs = -Infinity;
  #keys = 0;

  constructor(
    side: PartySide,
    format: PcmStreamFormat,
    outside: {
      nowMs: () => number;
      onDropped: (ms: number) => void;
      /** Told of and forgotten: no key is kept. */
      onKey: (spelled: unknown) => void;
    },
  ) {
    this.side = side;
    this.format = format;
    this.#nowMs = outside.nowMs;
    this.#onDropped = outside.onDropped;
    this.#onKey = outside.onKey;
  }

  /** What has waited goes in one piece: it has all been spoken by now. */
  open(stream: PcmStream): void {
    this.#stream = stream;
    if (this.#waitingBytes === 0) return;
    const all = new Uint8Array(this.#waitingBytes);
    let at = 0;
    for (const bytes of this.#waiting) {
      all.set(bytes, at);
      at += bytes.length;
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    stream.write(all);
  }

  /** Copies what it keeps: the bytes remain the caller's. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || !this.#mayTake(bytes.length / bytesPerMs(this.format))) return;
    const own = new Uint8Array(bytes);
    if (this.#stream !== undefined) {
      this.#stream.write(own);
      return;
    }
    this.#waiting.push(own);
    this.#waitingBytes += own.length;
  }

  /** So much never came. Before the stream stands, which takes a moment, nothing is made of it. */
  gap(ms: number): void {
    if (this.#stream !== undefined && this.#mayTake(ms)) this.#stream.gap(ms);
  }

  #mayTake(ms: number): boolean {
    const nowMs = this.#nowMs();
    if (this.#startMs < 0) this.#startMs = nowMs;
    // An hour in which nothing came is not made up for: the timeline has passed it.
    this.#givenMs = Math.max(this.#givenMs, nowMs - this.#startMs - aheadMs);
    const waitingMs = this.#waitingBytes / bytesPerMs(this.format);
    const isFull = waitingMs > longestWaitMs || this.#waiting.length >= mostPieces;
    if (isFull || this.#givenMs + ms > nowMs - this.#startMs + aheadMs) {
      this.#onDropped(ms);
      return false;
    }
    this.#givenMs += ms;
    return true;
  }

  /** A key of this side; `spelled`: which, as its sender writes it. */
  key(durationMs: number, spelled: unknown): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#keysSinceMs >= 1000) {
      this.#keysSinceMs = nowMs;
      this.#keys = 0;
    }
    if (++this.#keys > mostKeysASecond) return;
    this.#stream?.key(durationMs);
    this.#onKey(spelled);
  }
}
