import { Presence } from '../quality/presence.ts';
import { Concealer } from './concealer.ts';
import { StreamClock } from './stream-clock.ts';

/** 2 s: the longest delay, the farthest a packet may be ahead, and a stalled process. A power of two. */
const capacity = 1 << 14;
const mask = capacity - 1;
/** Marks a sample that nobody has written; no G.711 code decodes to it. */
const unwritten = -32_768;
const quietPeak = 200;
const quietSamples = 80;

/**
 * One channel's jitter buffer, addressed by time instead of by packet: a packet's samples are decoded to where they
 * belong on the timeline, whatever order packets come in and however long they are. What is still unwritten when the
 * timeline settles is concealed or silent, and counted.
 */
export class Channel {
  readonly clock = new StreamClock();
  readonly presence = new Presence();
  readonly #ring = new Int16Array(capacity).fill(unwritten);
  readonly #concealer = new Concealer();
  readonly #isQuiet = (): boolean => this.#quiet();
  #settled = 0;
  #writtenEnd = 0;
  /** Of the packet that is being written: see `#place`. */
  #start = 0;
  #first = 0;
  #last = 0;
  filledSamples = 0;
  droppedSamples = 0;

  /** `fromSample`: of the timeline; nothing before it can be written. */
  constructor(fromSample = 0) {
    this.#settled = fromSample;
    this.#writtenEnd = fromSample;
  }

  /**
   * Decodes a payload by `table` (code to sample) to its place. `arrival`: the timeline's clock now. Returns false when
   * all of it came too late (or too far ahead, or with a timestamp not believed) to be heard.
   */
  write(
    table: Int16Array,
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    arrival: number,
  ): boolean {
    if (!this.#place(to - from, ssrc, timestamp, arrival)) return false;
    const ring = this.#ring;
    const shift = this.#start - from;
    const last = this.#last - shift;
    for (let i = this.#first - shift; i < last; i++) {
      const slot = (i + shift) & mask;
      if (ring[slot] !== unwritten) this.droppedSamples++;
      ring[slot] = table[bytes[i] as number] as number;
    }
    return true;
  }

  /** As `write`, of samples at 8 kHz. */
  writePcm(pcm: Int16Array, ssrc: number, timestamp: number, arrival: number): boolean {
    if (!this.#place(pcm.length, ssrc, timestamp, arrival)) return false;
    const ring = this.#ring;
    for (let at = this.#first; at < this.#last; at++) {
      const slot = at & mask;
      if (ring[slot] !== unwritten) this.droppedSamples++;
      const sample = pcm[at - this.#start] as number;
      ring[slot] = sample === unwritten ? unwritten + 1 : sample;
    }
    return true;
  }

  /** Where a packet belongs: `#start`, and of it [`#first`, `#last`) fits. False, and all dropped, when nothing does. */
  #place(count: number, ssrc: number, timestamp: number, arrival: number): boolean {
    const start = this.clock.place(ssrc, timestamp, count, arrival, this.#isQuiet);
    const first = start === undefined ? 0 : Math.max(start, this.#settled);
    const last = start === undefined ? 0 : Math.min(start + count, this.#settled + capacity);
    if (start === undefined || last <= first) {
      this.droppedSamples += count;
      return false;
    }
    this.#start = start;
    this.#first = first;
    this.#last = last;
    this.droppedSamples += count - (last - first);
    if (last > this.#writtenEnd) this.#writtenEnd = last;
    return true;
  }

  /** The next `count` samples of the timeline into `pcm[at..]`, with every hole filled. */
  settle(pcm: Int16Array, at: number, count: number): void {
    if (this.#settleWhole(pcm, at, count)) return;
    const ring = this.#ring;
    let runStart = 0;
    let runWritten = ring[this.#settled & mask] !== unwritten;
    for (let i = 0; i < count; i++) {
      const slot = (this.#settled + i) & mask;
      const sample = ring[slot] as number;
      ring[slot] = unwritten;
      pcm[at + i] = sample;
      if ((sample !== unwritten) === runWritten) continue;
      this.#closeRun(pcm, at, at + runStart, at + i, runWritten);
      runStart = i;
      runWritten = !runWritten;
    }
    this.#closeRun(pcm, at, at + runStart, at + count, runWritten);
    this.#settled += count;
  }

  /** The sample after the newest one written. */
  get writtenEnd(): number {
    return this.#writtenEnd;
  }

  /** The usual cases, by whole copies: nothing is missing, or there is nothing. */
  #settleWhole(pcm: Int16Array, at: number, count: number): boolean {
    const start = this.#settled & mask;
    if (this.#writtenEnd <= this.#settled) this.#closeRun(pcm, at, at, at + count, false);
    else {
      if (start + count > capacity) return false;
      const samples = this.#ring.subarray(start, start + count);
      if (samples.includes(unwritten)) return false;
      pcm.set(samples, at);
      samples.fill(unwritten);
      this.#closeRun(pcm, at, at, at + count, true);
    }
    this.#settled += count;
    return true;
  }

  /** `pcm[at]` is the timeline's sample `#settled`. */
  #closeRun(pcm: Int16Array, at: number, from: number, to: number, written: boolean): void {
    if (written) {
      this.#concealer.hear(pcm, from, to);
      this.presence.came(pcm, from, to, this.#settled + from - at);
      return;
    }
    this.#concealer.fill(pcm, from, to);
    this.filledSamples += to - from;
  }

  #quiet(): boolean {
    for (let i = this.#writtenEnd - quietSamples; i < this.#writtenEnd; i++) {
      const sample = this.#ring[i & mask] as number;
      if (sample !== unwritten && Math.abs(sample) > quietPeak) return false;
    }
    return true;
  }
}
