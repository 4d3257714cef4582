import { samplesPerMs } from '../types.ts';
import { unwrapSequence } from '../rtp/sequence.ts';
import { LossRuns } from './loss-runs.ts';

/** Duplicates are told within this many packets; a power of two. */
const recentPackets = 512;
/** Whether a packet was heard is settled when so many have come after it: 640 ms of the shortest, all jitter that is waited for. */
const settledAfterPackets = 64;

export type Arrival = 'new' | 'duplicate';

/** Counts one received stream: loss, duplicates and interarrival jitter (RFC 3550 section 6.4.1 and appendix A.8). */
export class StreamStats {
  packets = 0;
  duplicatePackets = 0;
  /** Of these, packets that came too late to be heard. */
  latePackets = 0;
  malformedPackets = 0;
  strangerPackets = 0;
  /** Of streams that a new SSRC has ended. */
  #lostBefore = 0;
  #ssrc = -1;
  #firstSequence = 0;
  #highestSequence = 0;
  #uniquePackets = 0;
  readonly #recent = new Float64Array(recentPackets);
  /** By the slots of `#recent`: 1, it was late. */
  readonly #late = new Uint8Array(recentPackets);
  #lastSlot = 0;
  readonly #runs = new LossRuns();
  /** The next packet of which `#runs` is to be told. */
  #unsettled = 0;
  #transit = 0;
  #jitterSamples = 0;
  #jitterSumSamples = 0;
  #jitterMaxSamples = 0;
  /** Those that the sum is over, in all streams. */
  #jitterPackets = 0;

  /**
   * One packet from the locked source. `timestamp` in samples at 8 kHz; `timed` false when it does not tell when the
   * packet was sent (telephone-event repeats the onset's).
   */
  arrived(ssrc: number, sequence: number, timestamp: number, nowMs: number, timed: boolean): Arrival {
    this.packets++;
    const transit = (nowMs * samplesPerMs - timestamp) % 0x1_0000_0000;
    if (ssrc !== this.#ssrc) {
      this.#begin(ssrc, sequence, transit);
      return 'new';
    }
    const unwrapped = unwrapSequence(sequence, this.#highestSequence);
    const slot = unwrapped & (recentPackets - 1);
    if (this.#recent[slot] === unwrapped) {
      this.duplicatePackets++;
      return 'duplicate';
    }
    this.#heard(slot, unwrapped);
    this.#uniquePackets++;
    if (unwrapped < this.#firstSequence) this.#firstSequence = unwrapped;
    if (unwrapped > this.#highestSequence) {
      this.#highestSequence = unwrapped;
      this.#unsettled = this.#settle(this.#runs, unwrapped - settledAfterPackets);
    }
    if (timed) this.#measureJitter(transit);
    return 'new';
  }

  /** The packet that has just arrived is too late to be heard. */
  late(): void {
    this.latePackets++;
    this.#late[this.#lastSlot] = 1;
  }

  /** Packets lost or late, of the whole stream up to now. */
  get losses(): LossRuns {
    const runs = this.#runs.copy();
    if (this.#uniquePackets > 0) this.#settle(runs, this.#highestSequence + 1);
    return runs;
  }

  get lostPackets(): number {
    return this.#lostBefore + this.#lostOfStream();
  }
  get jitterMeanMs(): number {
    return this.#jitterPackets === 0 ? 0 : this.#jitterSumSamples / this.#jitterPackets / samplesPerMs;
  }
  get jitterMaxMs(): number {
    return this.#jitterMaxSamples / samplesPerMs;
  }

  #begin(ssrc: number, sequence: number, transit: number): void {
    this.#lostBefore += this.#lostOfStream();
    if (this.#uniquePackets > 0) this.#settle(this.#runs, this.#highestSequence + 1);
    this.#ssrc = ssrc;
    /** Far enough from 0 that numbers before the first seen stay positive. */
    const unwrapped = sequence + 0x1_0000;
    this.#firstSequence = unwrapped;
    this.#highestSequence = unwrapped;
    this.#uniquePackets = 1;
    this.#unsettled = unwrapped;
    this.#recent.fill(0);
    this.#heard(unwrapped & (recentPackets - 1), unwrapped);
    this.#transit = transit;
    this.#jitterSamples = 0;
  }

  #heard(slot: number, unwrapped: number): void {
    this.#recent[slot] = unwrapped;
    this.#late[slot] = 0;
    this.#lastSlot = slot;
  }

  /** Tells `runs` of the packets before `end`. Returns the next. */
  #settle(runs: LossRuns, end: number): number {
    let at = this.#unsettled;
    for (; at < end; at++) {
      const slot = at & (recentPackets - 1);
      runs.add(this.#recent[slot] === at && this.#late[slot] === 0);
    }
    return at;
  }

  #lostOfStream(): number {
    if (this.#uniquePackets === 0) return 0;
    return Math.max(0, this.#highestSequence - this.#firstSequence + 1 - this.#uniquePackets);
  }

  /** In the order of arrival, which need not be that of the numbers. */
  #measureJitter(transit: number): void {
    const difference = Math.abs(transit - this.#transit);
    this.#transit = transit;
    /** A jump of the sender's timestamp is no jitter. */
    if (difference < 8 * 1000) this.#jitterSamples += (difference - this.#jitterSamples) / 16;
    this.#jitterSumSamples += this.#jitterSamples;
    this.#jitterPackets++;
    if (this.#jitterSamples > this.#jitterMaxSamples) this.#jitterMaxSamples = this.#jitterSamples;
  }
}
