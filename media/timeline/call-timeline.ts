import type { ChannelSide } from '#sip/types.ts';
import { mutePad } from '../dtmf/key-runs.ts';
import type { Channel } from '../jitter/channel.ts';
import { msToSamples, type SampleRange } from '../types.ts';
import { blockSamples } from './audio-memory.ts';
import type { CallClock } from './call-clock.ts';
import { Lane } from './lane.ts';
import { SilenceRanges } from './silence-ranges.ts';

/** How much settles at once. */
const stepSamples = msToSamples(40);
/** Settled samples that wait until no key can reach back to them: the pad, the detector's frames, a block. */
const pendingSamples = 4 * blockSamples;
/** The longest event that one packet can tell of (RFC 4733 section 2.5.1.3), and some delay. */
const longestKey = msToSamples(10_000);
/** Settling is never this far behind, or packets would not fit in (Channel holds 2 s, the newest up to 400 ms ahead). */
const mostUnsettled = msToSamples(1500);

/** The thread's own lateness: packets that are read now may have come that long ago. 0 mostly (worker/stall-watch.ts). */
export interface ReadBacklog {
  readonly heldUpSamples: number;
}

export interface TimelineSink {
  /** An array of so many channels of `blockSamples` each, one after the other, to be filled. */
  take(channels: number): Int16Array<ArrayBuffer>;
  /** The next block of the timeline; `samples` is below `blockSamples` in the last one only. */
  block(pcm: Int16Array<ArrayBuffer>, samples: number): void;
  dtmf(side: ChannelSide, run: SampleRange): void;
  /** A key reaches back into blocks that have already been handed on: wherever they still are, silence this. */
  muteReleased(range: SampleRange): void;
}

/**
 * The one clock of a call and what its sides say on it: packets go in where they belong, whole blocks come out in
 * order, without gaps and with every key already silenced on all channels.
 *
 *     packets -> Channel (jitter) -> settled -> ToneDetector -> waiting -> keys and pauses zeroed -> blocks
 */
export class CallTimeline {
  readonly #lanes: Lane[] = [];
  readonly #sink: TimelineSink;
  readonly #mutes = new SilenceRanges();
  readonly #clock: CallClock;
  readonly #backlog: ReadBacklog;
  /** Of the pause that goes on; Infinity: none does. */
  #pausedFrom = Infinity;
  #settled = 0;
  #released = 0;

  constructor(clock: CallClock, backlog: ReadBacklog, sink: TimelineSink) {
    this.#clock = clock;
    this.#backlog = backlog;
    this.#sink = sink;
  }

  /** Another channel, after those there are. Returns its first sample: before it the channel is not in the blocks. */
  addSide(side: ChannelSide): number {
    if (this.#find(side) !== undefined) throw new RangeError(`a call has one ${side}`);
    const lane: Lane = new Lane({
      side,
      pendingSamples,
      fromSample: this.#settled,
      onKey: (start, end) => this.#mark(lane, start, end),
    });
    this.#lanes.push(lane);
    return this.#released;
  }

  /** @throws RangeError when the call has no such side */
  channel(side: ChannelSide): Channel {
    return this.#lane(side).channel;
  }

  /** An audio packet, `table` its law. False when it came too late to be heard. */
  audio(
    side: ChannelSide,
    table: Int16Array,
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    nowMs: number,
  ): boolean {
    const now = this.#clock.at(nowMs);
    return this.#ready(side, now).write(table, bytes, from, to, ssrc, timestamp, now);
  }

  /** Sound that is decoded already, at 8 kHz. As `audio`. */
  pcm(side: ChannelSide, pcm: Int16Array, ssrc: number, timestamp: number, nowMs: number): boolean {
    const now = this.#clock.at(nowMs);
    return this.#ready(side, now).writePcm(pcm, ssrc, timestamp, now);
  }

  /** A telephone-event packet. False when it is no key. */
  telephoneEvent(
    side: ChannelSide,
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    timestamp: number,
    nowMs: number,
  ): boolean {
    const now = this.#clock.at(nowMs);
    const lane = this.#lane(side);
    const start = lane.channel.clock.locate(ssrc, timestamp) ?? now;
    // A timestamp that lies elsewhere is no reason to silence what was said there.
    const isCredible = start <= now && start > now - longestKey;
    return lane.events.packet(bytes, from, to, ssrc, timestamp, isCredible ? start : now, now);
  }

  /** A key told of by signalling, just now. */
  key(side: ChannelSide, durationSamples: number, nowMs: number): void {
    const now = this.#clock.at(nowMs);
    this.#mark(this.#lane(side), now - Math.min(durationSamples, longestKey), now);
  }

  /** From now on (until it is told otherwise) all channels are silence. Returns now, or undefined: nothing changed. */
  pause(paused: boolean, nowMs: number): number | undefined {
    if (paused === this.#pausedFrom < Infinity) return undefined;
    const now = this.#clock.at(nowMs);
    if (!paused) this.#mutes.add(this.#pausedFrom, now);
    this.#pausedFrom = paused ? now : Infinity;
    return now;
  }

  /** Settles and releases what the time allows. */
  advance(nowMs: number): void {
    if (!this.#clock.started) return;
    const now = this.#clock.at(nowMs);
    let delay = 0;
    for (const { channel } of this.#lanes) if (channel.clock.delay > delay) delay = channel.clock.delay;
    this.#settleUntil(now - delay - this.#backlog.heldUpSamples);
    for (const { side, events, runs } of this.#lanes) {
      events.tick(now);
      const run = runs.due(this.#settled);
      if (run !== undefined) this.#sink.dtmf(side, run);
    }
  }

  /** Settles and releases all there is, up to now. Returns the sample after the last. */
  finish(nowMs: number): number {
    let end = this.#clock.at(nowMs);
    for (const { channel } of this.#lanes) if (channel.writtenEnd > end) end = channel.writtenEnd;
    while (this.#settled < end) this.#step(Math.min(stepSamples, end - this.#settled));
    while (this.#released < end) this.#release(Math.min(blockSamples, end - this.#released));
    for (const { side, runs } of this.#lanes) {
      const run = runs.finish();
      if (run !== undefined) this.#sink.dtmf(side, run);
    }
    return end;
  }

  #find(side: ChannelSide): Lane | undefined {
    for (const lane of this.#lanes) if (lane.side === side) return lane;
    return undefined;
  }

  #lane(side: ChannelSide): Lane {
    const lane = this.#find(side);
    if (lane === undefined) throw new RangeError(`the call has no ${side}`);
    return lane;
  }

  /** The channel, with room for a packet that arrives now. */
  #ready(side: ChannelSide, now: number): Channel {
    if (now - this.#settled > mostUnsettled) this.#settleUntil(now - mostUnsettled);
    const { channel } = this.#lane(side);
    channel.clock.heldUp = this.#backlog.heldUpSamples;
    return channel;
  }

  #settleUntil(due: number): void {
    while (this.#settled + stepSamples <= due) this.#step(stepSamples);
  }

  #step(count: number): void {
    const at = this.#settled - this.#released;
    let safe = Infinity;
    for (const lane of this.#lanes) {
      lane.settle(at, count);
      if (lane.safeUntil < safe) safe = lane.safeUntil;
    }
    this.#settled += count;
    while (this.#released + blockSamples <= safe - mutePad) this.#release(blockSamples);
  }

  #release(count: number): void {
    const pcm = this.#sink.take(this.#lanes.length);
    const pausedAt = Math.max(0, this.#pausedFrom - this.#released);
    for (let index = 0; index < this.#lanes.length; index++) {
      const { pending } = this.#lanes[index] as Lane;
      const part = pcm.subarray(index * blockSamples, index * blockSamples + count);
      part.set(pending.subarray(0, count));
      if (!this.#mutes.isEmpty) this.#mutes.zero(part, this.#released);
      if (pausedAt < count) part.fill(0, pausedAt);
      pending.copyWithin(0, count, this.#settled - this.#released);
    }
    this.#released += count;
    this.#mutes.dropBefore(this.#released);
    this.#sink.block(pcm, count);
  }

  #mark({ side, key, runs }: Lane, start: number, end: number): void {
    /** The same key, grown: what was silenced for it already may have been handed on since. */
    const from = start === key.start ? Math.max(key.end, start) + mutePad : Math.max(0, start - mutePad);
    key.start = start;
    key.end = end;
    this.#mutes.add(from, end + mutePad);
    if (from < this.#released) {
      this.#sink.muteReleased({ startSample: from, endSample: Math.min(this.#released, end + mutePad) });
    }
    const run = runs.add(start, end);
    if (run !== undefined) this.#sink.dtmf(side, run);
  }
}
