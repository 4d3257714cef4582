import { talkSides, type TalkSide } from '#sip/types.ts';
import { KeyRuns, mutePad } from '../dtmf/key-runs.ts';
import { TelephoneEvents } from '../dtmf/telephone-event.ts';
import { ToneDetector } from '../dtmf/tone-detector.ts';
import { Channel } from '../jitter/channel.ts';
import { msToSamples, type SampleRange } from '../types.ts';
import { blockSamples } from './audio-memory.ts';
import type { CallClock } from './call-clock.ts';
import { SilenceRanges } from './silence-ranges.ts';

/** How much settles at once. */
const stepSamples = msToSamples(40);
/** Settled samples that wait until no key can reach back to them: the pad, the detector's frames, a block. */
const pendingSamples = 4 * blockSamples;
/** Settling is never this far behind, or packets would not fit in (Channel holds 2 s, the newest up to 400 ms ahead). */
const mostUnsettled = msToSamples(1500);

/** The thread's own lateness: packets that are read now may have come that long ago. 0 mostly (worker/stall-watch.ts). */
export interface ReadBacklog {
  readonly heldUpSamples: number;
}

export interface TimelineSink {
  /** An array of two channels, [caller | callee] of `blockSamples` each, to be filled. */
  take(): Int16Array<ArrayBuffer>;
  /** The next block of the timeline; `samples` is below `blockSamples` in the last one only. */
  block(pcm: Int16Array<ArrayBuffer>, samples: number): void;
  dtmf(side: TalkSide, run: SampleRange): void;
  /** A key reaches back into blocks that have already been handed on: wherever they still are, silence this. */
  muteReleased(range: SampleRange): void;
}

/**
 * The one clock of a call and what both channels say on it: packets go in where they belong, whole blocks come out in
 * order, without gaps and with every key already silenced on both channels.
 *
 *     packets -> Channel (jitter) -> settled -> ToneDetector -> waiting -> keys zeroed -> blocks
 */
export class CallTimeline {
  readonly channels: Readonly<Record<TalkSide, Channel>> = { caller: new Channel(), callee: new Channel() };
  readonly #sink: TimelineSink;
  readonly #mutes = new SilenceRanges();
  readonly #runs: Readonly<Record<TalkSide, KeyRuns>> = { caller: new KeyRuns(), callee: new KeyRuns() };
  readonly #events: Readonly<Record<TalkSide, TelephoneEvents>>;
  readonly #detectors: Readonly<Record<TalkSide, ToneDetector>>;
  readonly #pending: Readonly<Record<TalkSide, Int16Array>> = {
    caller: new Int16Array(pendingSamples),
    callee: new Int16Array(pendingSamples),
  };
  readonly #clock: CallClock;
  readonly #backlog: ReadBacklog;
  /** The latest key of each side. */
  readonly #keys = { caller: { start: -1, end: -1 }, callee: { start: -1, end: -1 } };
  #settled = 0;
  #released = 0;

  constructor(clock: CallClock, backlog: ReadBacklog, sink: TimelineSink) {
    this.#clock = clock;
    this.#backlog = backlog;
    this.#sink = sink;
    this.#events = { caller: this.#makeEvents('caller'), callee: this.#makeEvents('callee') };
    this.#detectors = { caller: this.#makeDetector('caller'), callee: this.#makeDetector('callee') };
  }

  /** An audio packet, `table` its law. False when it came too late to be heard. */
  audio(
    side: TalkSide,
    table: Int16Array,
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    nowMs: number,
  ): boolean {
    const now = this.#clock.at(nowMs);
    if (now - this.#settled > mostUnsettled) this.#settleUntil(now - mostUnsettled);
    const channel = this.channels[side];
    channel.clock.heldUp = this.#backlog.heldUpSamples;
    return channel.write(table, bytes, from, to, ssrc, timestamp, now);
  }

  /** A telephone-event packet. False when it is no key. */
  telephoneEvent(
    side: TalkSide,
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    nowMs: number,
  ): boolean {
    const now = this.#clock.at(nowMs);
    const start = this.channels[side].clock.locate(ssrc, timestamp) ?? now;
    return this.#events[side].packet(bytes, from, to, ssrc, timestamp, Math.min(start, now), now);
  }

  /** A key told of by signalling, just now. */
  key(side: TalkSide, durationSamples: number, nowMs: number): void {
    const now = this.#clock.at(nowMs);
    this.#mark(side, now - durationSamples, now);
  }

  /** Settles and releases what the time allows. */
  advance(nowMs: number): void {
    if (!this.#clock.started) return;
    const now = this.#clock.at(nowMs);
    const { caller, callee } = this.channels;
    this.#settleUntil(now - Math.max(caller.clock.delay, callee.clock.delay) - this.#backlog.heldUpSamples);
    for (const side of talkSides) {
      this.#events[side].tick(now);
      const run = this.#runs[side].due(this.#settled);
      if (run !== undefined) this.#sink.dtmf(side, run);
    }
  }

  /** Settles and releases all there is, up to now. Returns the sample after the last. */
  finish(nowMs: number): number {
    const { caller, callee } = this.channels;
    const end = Math.max(this.#clock.at(nowMs), caller.writtenEnd, callee.writtenEnd);
    while (this.#settled < end) this.#step(Math.min(stepSamples, end - this.#settled));
    while (this.#released < end) this.#release(Math.min(blockSamples, end - this.#released));
    for (const side of talkSides) {
      const run = this.#runs[side].finish();
      if (run !== undefined) this.#sink.dtmf(side, run);
    }
    return end;
  }

  #settleUntil(due: number): void {
    while (this.#settled + stepSamples <= due) this.#step(stepSamples);
  }

  #step(count: number): void {
    const at = this.#settled - this.#released;
    for (const side of talkSides) {
      const pending = this.#pending[side];
      this.channels[side].settle(pending, at, count);
      this.#detectors[side].push(pending, at, at + count);
    }
    this.#settled += count;
    const safe = Math.min(this.#detectors.caller.safeUntil, this.#detectors.callee.safeUntil) - mutePad;
    while (this.#released + blockSamples <= safe) this.#release(blockSamples);
  }

  #release(count: number): void {
    const pcm = this.#sink.take();
    talkSides.forEach((side, index) => {
      const pending = this.#pending[side];
      const half = pcm.subarray(index * blockSamples, index * blockSamples + count);
      half.set(pending.subarray(0, count));
      if (!this.#mutes.isEmpty) this.#mutes.zero(half, this.#released);
      pending.copyWithin(0, count, this.#settled - this.#released);
    });
    this.#released += count;
    this.#mutes.dropBefore(this.#released);
    this.#sink.block(pcm, count);
  }

  #mark(side: TalkSide, start: number, end: number): void {
    const known = this.#keys[side];
    /** The same key, grown: what was silenced for it already may have been handed on since. */
    const from = start === known.start ? Math.max(known.end, start) + mutePad : Math.max(0, start - mutePad);
    known.start = start;
    known.end = end;
    this.#mutes.add(from, end + mutePad);
    if (from < this.#released) {
      this.#sink.muteReleased({ startSample: from, endSample: Math.min(this.#released, end + mutePad) });
    }
    const run = this.#runs[side].add(start, end);
    if (run !== undefined) this.#sink.dtmf(side, run);
  }

  #makeEvents(side: TalkSide): TelephoneEvents {
    let start = 0;
    return new TelephoneEvents({
      pressed: (from, until) => {
        start = from;
        this.#mark(side, from, until);
      },
      released: (end) => this.#mark(side, start, end),
    });
  }

  #makeDetector(side: TalkSide): ToneDetector {
    return new ToneDetector({ tones: (start, end) => this.#mark(side, Math.max(0, start), end) });
  }
}
