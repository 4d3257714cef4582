import { msToSamples } from '../types.ts';
import { unwrapTimestamp } from '../rtp/sequence.ts';

/** A packet this far from where its timestamp should lie has jumped; what jumps is believed once a second one agrees. */
const maxAhead = msToSamples(400);
const maxBehind = msToSamples(500);
/** A jump back must last this long on the wall clock: after a stall of the network, old packets come in one burst. */
const behindForAtLeast = msToSamples(100);
const maxStep = msToSamples(240);
/** Drift is the change of the least delay seen in windows of this length. */
const window = msToSamples(2000);
/** Below this nothing is corrected; up to `mustCorrect` only in a quiet moment. Half of the 40 ms between channels. */
const mayCorrect = msToSamples(5);
const mustCorrect = msToSamples(20);
const minDelay = msToSamples(60);
const maxDelay = msToSamples(400);
const delayMargin = msToSamples(20);
const delayDecay = msToSamples(10);

/**
 * Places the packets of one channel on the call's timeline by their RTP timestamps, and keeps that placing true to the
 * wall clock: a sender whose clock drifts, a timestamp that jumps and a new SSRC end in a shifted offset, so that the
 * channel has samples to fill or to drop there. It also knows how long to wait for stragglers (`delay`).
 *
 * All numbers are samples at 8 kHz. `arrival` is the timeline's own clock when the packet came; a packet is expected to
 * arrive when its last sample has been spoken.
 */
export class StreamClock {
  #ssrc = -1;
  #timestamp = 0;
  #offset = 0;
  #windowEnd = 0;
  #windowMin = Infinity;
  #windowMax = -Infinity;
  #correction = 0;
  #peakLateness = 0;
  /** Of `delay` at the end of each window. */
  #delaySum = 0;
  #windows = 0;
  #probeTimestamp = -1;
  #probeSince = 0;
  /** Packets may be read that long after they came, which says nothing about the network. */
  heldUp = 0;

  /**
   * Where the packet's first sample belongs; undefined while a jump is not yet believed. `quiet` is asked whether the
   * newest samples of the channel are near silence.
   */
  place(ssrc: number, timestamp: number, samples: number, arrival: number, quiet: () => boolean): number | undefined {
    if (ssrc !== this.#ssrc) return this.#anchor(ssrc, timestamp, samples, arrival);
    const unwrapped = unwrapTimestamp(timestamp, this.#timestamp);
    const lateness = arrival - (unwrapped + this.#offset + samples);
    if (lateness < -maxAhead || lateness > maxBehind + this.heldUp) {
      return this.#believes(timestamp, lateness > 0, arrival)
        ? this.#anchor(ssrc, timestamp, samples, arrival)
        : undefined;
    }
    this.#probeTimestamp = -1;
    if (unwrapped > this.#timestamp) this.#timestamp = unwrapped;
    if (this.heldUp === 0) this.#measure(lateness, arrival);
    if (this.#correction !== 0) this.#correct(quiet);
    return unwrapped + this.#offset;
  }

  /** Where a timestamp lies by the present offset: for events, whose packets do not come in step with the clock. */
  locate(ssrc: number, timestamp: number): number | undefined {
    return ssrc === this.#ssrc ? unwrapTimestamp(timestamp, this.#timestamp) + this.#offset : undefined;
  }

  /** How long after `arrival` a sample may still come. */
  get delay(): number {
    return Math.min(maxDelay, Math.max(minDelay, this.#peakLateness + delayMargin));
  }

  /** `delay` over the whole stream. */
  get meanDelay(): number {
    return this.#windows === 0 ? this.delay : this.#delaySum / this.#windows;
  }

  #anchor(ssrc: number, timestamp: number, samples: number, arrival: number): number {
    this.#ssrc = ssrc;
    this.#timestamp = timestamp + 0x1_0000_0000;
    this.#offset = arrival - samples - this.#timestamp;
    this.#openWindow(arrival);
    this.#correction = 0;
    this.#probeTimestamp = -1;
    return arrival - samples;
  }

  #believes(timestamp: number, behind: boolean, arrival: number): boolean {
    const step = this.#probeTimestamp < 0 ? -1 : (timestamp - this.#probeTimestamp) | 0;
    const agrees = step > 0 && step <= maxStep;
    if (!agrees) this.#probeSince = arrival;
    this.#probeTimestamp = timestamp;
    return agrees && (!behind || arrival - this.#probeSince >= behindForAtLeast);
  }

  #measure(lateness: number, arrival: number): void {
    if (lateness < this.#windowMin) this.#windowMin = lateness;
    if (lateness > this.#windowMax) this.#windowMax = lateness;
    if (lateness > this.#peakLateness) this.#peakLateness = lateness;
    if (arrival < this.#windowEnd) return;
    this.#delaySum += this.delay;
    this.#windows++;
    this.#correction = Math.abs(this.#windowMin) > mayCorrect ? this.#windowMin : 0;
    this.#peakLateness = Math.max(this.#windowMax, this.#peakLateness - delayDecay);
    this.#openWindow(arrival);
  }

  #correct(quiet: () => boolean): void {
    if (Math.abs(this.#correction) <= mustCorrect && !quiet()) return;
    this.#offset += this.#correction;
    this.#correction = 0;
    this.#windowMin = Infinity;
    this.#windowMax = -Infinity;
  }

  #openWindow(arrival: number): void {
    this.#windowEnd = arrival + window;
    this.#windowMin = Infinity;
    this.#windowMax = -Infinity;
  }
}
