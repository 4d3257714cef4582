import { decodeTable } from '#lib/audio/g711.ts';
import type { PauseCodes } from '#lib/key-codes.ts';
import type { ChannelSide } from '#sip/types.ts';
import { PauseCodeWatch } from '../dtmf/pause-code.ts';
import type { Channel } from '../jitter/channel.ts';
import type { RtpView } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import { CallClock } from '../timeline/call-clock.ts';
import { CallTimeline } from '../timeline/call-timeline.ts';
import { msToSamples } from '../types.ts';
import type { CallAudio } from './call-audio.ts';
import type { MediaCounters, MediaWorkerEvent } from './messages.ts';
import type { StallWatch } from './stall-watch.ts';

/** What all calls of a worker share. */
export interface CallContext {
  readonly emit: (event: MediaWorkerEvent) => void;
  /** Something was thrown outside of a command: the call is over. */
  readonly failed: (callId: string, thrown: unknown) => void;
  readonly counters: MediaCounters;
  readonly stalls: StallWatch;
  readonly rtpTimeoutMs: number;
  /** A copy that is silent for so long is told of. */
  readonly silentAfterMs: number;
  readonly pauseCodes: PauseCodes | undefined;
}

const pcmuTable = decodeTable('pcmu');
const pcmaTable = decodeTable('pcma');
/** What a comfort noise packet is decoded to: 20 ms of silence. */
const comfortNoiseTable = new Int16Array(1);
const comfortNoiseBytes = new Uint8Array(msToSamples(20));
/** Packets out of a file come at the file's times, however long this thread took to read them. */
const neverHeldUp = { heldUpSamples: 0 };

/**
 * The sound of one call, however its streams come: a clock that starts with the first packet, the timeline that they lie
 * on, and the audio that leaves it.
 */
export class CallSound {
  readonly callId: string;
  /** Undefined for calls that are not to be kept: then nothing is decoded either. */
  readonly audio: CallAudio | undefined;
  readonly clock = new CallClock();
  readonly #context: CallContext;
  readonly #sides: ChannelSide[] = [];
  readonly #onStart: (nowMs: number) => void;
  readonly #startEpochMs: number | undefined;
  readonly #timeline: CallTimeline | undefined;
  readonly #pauseCodes: PauseCodeWatch | undefined;

  /**
   * `startEpochMs`: of time 0 of a file; undefined: it happens now. `onStart` is called when the first packet has come.
   */
  constructor(
    callId: string,
    audio: CallAudio | undefined,
    context: CallContext,
    { startEpochMs, onStart = () => undefined }: { startEpochMs?: number; onStart?: (nowMs: number) => void } = {},
  ) {
    this.callId = callId;
    this.#startEpochMs = startEpochMs;
    this.#onStart = onStart;
    this.audio = audio;
    this.#context = context;
    this.#pauseCodes =
      audio &&
      context.pauseCodes &&
      new PauseCodeWatch(context.pauseCodes, (paused) => context.emit({ type: 'pause-code', callId, paused }));
    this.#timeline =
      audio &&
      new CallTimeline(this.clock, startEpochMs === undefined ? context.stalls : neverHeldUp, {
        take: (channels) => audio.take(channels),
        block: (pcm, samples) => audio.block(pcm, samples),
        dtmf: (side, run) => context.emit({ type: 'dtmf', callId, side, ...run }),
        muteReleased: (range) => audio.silence(range),
      });
  }

  addSide(side: ChannelSide): void {
    this.#sides.push(side);
    const sample = this.#timeline?.addSide(side) ?? 0;
    this.audio?.addSide(side, sample);
    if (this.clock.started) this.#context.emit({ type: 'side-added', callId: this.callId, side, sample });
  }

  get started(): boolean {
    return this.clock.started;
  }

  /** The first packet, `samples` long, has come. */
  start(samples: number, nowMs: number): void {
    this.clock.start(nowMs, samples);
    const atEpochMs = this.#startEpochMs === undefined ? Date.now() : this.#startEpochMs + nowMs;
    this.#context.emit({ type: 'media-started', callId: this.callId, atEpochMs, sides: [...this.#sides] });
    this.#onStart(nowMs);
  }

  /** A packet that is not empty. False when it came too late to be heard. */
  packet(side: ChannelSide, kind: number, bytes: Uint8Array, view: RtpView, timestamp: number, nowMs: number): boolean {
    const timeline = this.#timeline;
    if (timeline === undefined) return true;
    const { payloadStart: start, payloadEnd: end, ssrc } = view;
    if (kind === payloadKinds.telephoneEvent) {
      this.#pauseCodes?.packet(side, bytes, start, end, ssrc, timestamp, nowMs);
      timeline.telephoneEvent(side, bytes, start, end, ssrc, timestamp, nowMs);
      return true;
    }
    if (kind === payloadKinds.comfortNoise) {
      const { length } = comfortNoiseBytes;
      timeline.audio(side, comfortNoiseTable, comfortNoiseBytes, 0, length, ssrc, timestamp, nowMs);
      timeline.channel(side).filledSamples += length;
      return true;
    }
    const table = kind === payloadKinds.pcmu ? pcmuTable : pcmaTable;
    return timeline.audio(side, table, bytes, start, end, ssrc, timestamp, nowMs);
  }

  /** Samples at 8 kHz, as `packet`. */
  pcm(side: ChannelSide, pcm: Int16Array, ssrc: number, timestamp: number, nowMs: number): boolean {
    return this.#timeline?.pcm(side, pcm, ssrc, timestamp, nowMs) ?? true;
  }

  /** A key told of by signalling, just now. */
  key(side: ChannelSide, durationMs: number, nowMs: number): void {
    if (this.started) this.#timeline?.key(side, msToSamples(durationMs), nowMs);
  }

  pause(paused: boolean, nowMs: number): void {
    const sample = this.#timeline?.pause(paused, nowMs);
    if (sample === undefined) return;
    this.#context.emit({ type: paused ? 'paused' : 'resumed', callId: this.callId, sample });
  }

  advance(nowMs: number): void {
    this.#timeline?.advance(nowMs);
  }

  tellHold(side: ChannelSide, holding: boolean, nowMs: number): void {
    this.#context.emit({ type: 'hold', callId: this.callId, side, sample: this.clock.at(nowMs), holding });
  }

  tellStream(type: 'stream-silent' | 'stream-resumed', side: ChannelSide, nowMs: number): void {
    this.#context.emit({ type, callId: this.callId, side, sample: this.clock.at(nowMs) });
  }

  /** The channel, for its counts; undefined where nothing is decoded. */
  channel(side: ChannelSide): Channel | undefined {
    return this.#timeline?.channel(side);
  }

  /** All sound has come. Returns the sample after the last. */
  finish(nowMs: number): number {
    return this.#timeline && this.started ? this.#timeline.finish(nowMs) : this.clock.at(nowMs);
  }
}
