import type { PcmStreamFormat } from '#sip/types.ts';
import { bytesPerMs } from '../feed.ts';

/** So many pieces of sound may wait for an earlier one. */
const mostHeld = 4;
/** Less is the sender's timestamps being rough. */
const smallestGapMs = 40;
/** More is no loss: what follows lies where it arrives. */
const largestGapMs = 5000;
/** A number so far back is no late piece: the sender counts anew. */
const countsAnew = 100;

interface Piece {
  readonly chunk: number;
  readonly timestampMs: number | null;
  readonly payload: Uint8Array;
}

/** Where the sound of a track goes, in its order. */
export interface TrackSink {
  write(bytes: Uint8Array): void;
  /** So much is missing here. */
  gap(ms: number): void;
  /** Came too late to be placed. */
  late(bytes: number): void;
}

/**
 * The sound of one track in its order: pieces that overtook each other are put right by their numbers, and what is
 * missing by their timestamps is told of as a gap: a small message shall not cost seconds of silence. Pure.
 */
export class Track {
  readonly #format: PcmStreamFormat;
  readonly #sink: TrackSink;
  /** In the order of their numbers. */
  readonly #held: Piece[] = [];
  #nextChunk = -1;
  /** The timestamp of the first piece, and the ms that were written since. */
  #startMs: number | null = null;
  #writtenMs = 0;

  constructor(format: PcmStreamFormat, sink: TrackSink) {
    this.#format = format;
    this.#sink = sink;
  }

  /** Keeps `payload` for a while. */
  push(chunk: number | null, timestampMs: number | null, payload: Uint8Array): void {
    if (payload.length === 0) return;
    if (chunk === null) {
      this.#place(timestampMs, payload);
      return;
    }
    if (this.#nextChunk < 0 || chunk < this.#nextChunk - countsAnew) {
      this.flush();
      this.#nextChunk = chunk;
    }
    if (chunk < this.#nextChunk) {
      this.#sink.late(payload.length);
      return;
    }
    const at = this.#held.findLastIndex((piece) => piece.chunk <= chunk);
    if (this.#held[at]?.chunk === chunk) return;
    this.#held.splice(at + 1, 0, { chunk, timestampMs, payload });
    // Nothing overtakes by more than that: what is between is lost.
    this.#release(this.#held.length > mostHeld || chunk > this.#nextChunk + mostHeld);
  }

  /** What still waits. */
  flush(): void {
    while (this.#held.length > 0) this.#release(true);
  }

  /** `force`: what the first of them waits for does not come any more. */
  #release(force: boolean): void {
    let first = this.#held[0];
    if (force && first !== undefined) this.#nextChunk = first.chunk;
    while (first !== undefined && first.chunk === this.#nextChunk) {
      this.#held.shift();
      this.#nextChunk += 1;
      this.#place(first.timestampMs, first.payload);
      first = this.#held[0];
    }
  }

  #place(timestampMs: number | null, payload: Uint8Array): void {
    if (timestampMs !== null) {
      this.#startMs ??= timestampMs;
      const gapMs = timestampMs - this.#startMs - this.#writtenMs;
      if (gapMs >= smallestGapMs && gapMs <= largestGapMs) {
        this.#writtenMs += gapMs;
        this.#sink.gap(gapMs);
      } else if (Math.abs(gapMs) > largestGapMs) {
        this.#startMs = timestampMs;
        this.#writtenMs = 0;
      }
    }
    this.#writtenMs += payload.length / bytesPerMs(this.#format);
    this.#sink.write(payload);
  }
}
