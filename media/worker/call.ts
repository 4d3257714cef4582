import type { RemoteInfo } from 'node:dgram';
import { once } from '#lib/closing.ts';
import { talkSides, type LegMediaSettings, type LegPorts, type TalkSide } from '#sip/types.ts';
import { decodeTable } from '#lib/audio/g711.ts';
import { Leg } from '../rtp/leg.ts';
import { emptyRtpView, isRtcp, readRtp } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import { readRtcp } from '../rtp/rtcp.ts';
import type { SocketPair } from '../rtp/socket-pair.ts';
import { CallClock } from '../timeline/call-clock.ts';
import { CallTimeline } from '../timeline/call-timeline.ts';
import { msToSamples } from '../types.ts';
import type { CallAudio } from './call-audio.ts';
import type { MediaCounters, MediaWorkerEvent } from './messages.ts';
import { streamReport } from './stream-report.ts';
import type { StallWatch } from './stall-watch.ts';
import { checkSilence, expectPackets } from './stream-silence.ts';

/** One for the thread: filled and read within one datagram. */
const view = emptyRtpView();
const pcmuTable = decodeTable('pcmu');
const pcmaTable = decodeTable('pcma');
/** What a comfort noise packet is decoded to: 20 ms of silence. */
const comfortNoiseTable = new Int16Array(1);
const comfortNoiseBytes = new Uint8Array(msToSamples(20));

export interface CallContext {
  readonly emit: (event: MediaWorkerEvent) => void;
  readonly counters: MediaCounters;
  readonly stalls: StallWatch;
  readonly rtpTimeoutMs: number;
}

/**
 * A bridged call on its worker. Each datagram is read in place, sent on at once, then forked: counted and decoded to its
 * place on the timeline. Nothing here waits, and nothing is made anew for a packet.
 */
export class Call {
  readonly callId: string;
  /** Undefined for calls that are not to be kept: then nothing is decoded either. */
  readonly audio: CallAudio | undefined;
  readonly #context: CallContext;
  readonly #legs: Readonly<Record<TalkSide, Leg>>;
  readonly #clock = new CallClock();
  readonly #timeline: CallTimeline | undefined;
  #timeoutToldMs = -Infinity;
  #closed = false;
  readonly close: () => Promise<void>;

  constructor(
    callId: string,
    sockets: Readonly<Record<TalkSide, SocketPair>>,
    audio: CallAudio | undefined,
    context: CallContext,
  ) {
    this.callId = callId;
    this.audio = audio;
    this.#context = context;
    this.#legs = { caller: new Leg('caller', sockets.caller), callee: new Leg('callee', sockets.callee) };
    this.#timeline =
      audio &&
      new CallTimeline(this.#clock, context.stalls, {
        take: () => audio.take(),
        block: (pcm, samples) => audio.block(pcm, samples),
        dtmf: (side, run) => context.emit({ type: 'dtmf', callId, side, ...run }),
        muteReleased: (range) => audio.silence(range),
      });
    for (const side of talkSides) {
      const leg = this.#legs[side];
      leg.sockets.listen(
        (bytes, from) => this.#onRtp(leg, bytes, from),
        (bytes, from) => this.#onRtcpPort(leg, bytes, from),
      );
    }
    this.close = once(() => this.#close());
  }

  get ports(): Readonly<Record<TalkSide, LegPorts>> {
    return { caller: this.#legs.caller.ports, callee: this.#legs.callee.ports };
  }

  update(side: TalkSide, settings: LegMediaSettings): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    const leg = this.#legs[side];
    const wasHolding = leg.settings?.holding ?? false;
    leg.apply(settings, nowMs);
    expectPackets(this.#legs, nowMs);
    if (settings.holding !== wasHolding && this.#clock.started) this.#tellHold(side, settings.holding, nowMs);
  }

  digit(side: TalkSide, durationMs: number): void {
    if (this.#closed || !this.#clock.started) return;
    this.#timeline?.key(side, msToSamples(durationMs), performance.now());
  }

  /** Some 20 times a second. */
  advance(nowMs: number): void {
    this.#timeline?.advance(nowMs);
  }

  /** About once a second. */
  checkSilence(nowMs: number): void {
    const { rtpTimeoutMs } = this.#context;
    for (const side of talkSides) {
      if (checkSilence(this.#legs[side], nowMs, rtpTimeoutMs) && this.#clock.started) {
        this.#tellStream('stream-silent', side, nowMs);
      }
    }
    if (!this.#legs.caller.silent || !this.#legs.callee.silent) return;
    if (nowMs - this.#timeoutToldMs < rtpTimeoutMs) return;
    this.#timeoutToldMs = nowMs;
    this.#context.emit({ type: 'rtp-timeout', callId: this.callId });
  }

  #onRtp(leg: Leg, bytes: Buffer, from: RemoteInfo): void {
    const { counters } = this.#context;
    counters.packets++;
    if (isRtcp(bytes)) {
      this.#onRtcp(leg, bytes, from.address);
      return;
    }
    const kind = readRtp(bytes, view) ? (leg.kinds[view.payloadType] as number) : payloadKinds.unknown;
    if (kind === payloadKinds.unknown) {
      leg.stats.malformedPackets++;
      counters.malformed++;
      return;
    }
    const nowMs = performance.now();
    this.#context.stalls.alive(nowMs);
    if (!leg.lock.hears(from.address, from.port, view.sequence, nowMs, this.#onHold)) {
      leg.stats.strangerPackets++;
      counters.strangers++;
      return;
    }
    leg.heardAtMs = nowMs;
    if (leg.silent) this.#resume(leg, nowMs);
    const talks = leg.settings?.talks === true;
    if (talks && this.#legs[leg.otherSide].send(bytes, view, kind)) counters.relayed++;
    const timed = kind !== payloadKinds.telephoneEvent;
    const arrival = leg.stats.arrived(view.ssrc, view.sequence, view.timestamp, nowMs, timed);
    if (arrival === 'duplicate') counters.duplicates++;
    else if (talks) this.#fork(leg, bytes, kind, nowMs);
  }

  #fork(leg: Leg, bytes: Buffer, kind: number, nowMs: number): void {
    const { payloadStart: start, payloadEnd: end, ssrc, timestamp } = view;
    if (end === start) return;
    if (!this.#clock.started) this.#start(kind <= payloadKinds.pcma ? end - start : 0, nowMs);
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    if (kind === payloadKinds.telephoneEvent) {
      timeline.telephoneEvent(leg.side, bytes, start, end, ssrc, timestamp, nowMs);
      return;
    }
    if (kind === payloadKinds.comfortNoise) {
      const { length } = comfortNoiseBytes;
      timeline.audio(leg.side, comfortNoiseTable, comfortNoiseBytes, 0, length, ssrc, timestamp, nowMs);
      timeline.channels[leg.side].filledSamples += length;
      return;
    }
    const table = kind === payloadKinds.pcmu ? pcmuTable : pcmaTable;
    if (timeline.audio(leg.side, table, bytes, start, end, ssrc, timestamp, nowMs)) return;
    leg.stats.latePackets++;
    this.#context.counters.late++;
  }

  #onRtcpPort(leg: Leg, bytes: Buffer, from: RemoteInfo): void {
    this.#context.counters.packets++;
    if (isRtcp(bytes)) this.#onRtcp(leg, bytes, from.address, from.port);
    else {
      leg.stats.malformedPackets++;
      this.#context.counters.malformed++;
    }
  }

  /** `ownPort`: where it came from, when it came to the RTCP port. */
  #onRtcp(leg: Leg, bytes: Buffer, address: string, ownPort?: number): void {
    const { counters } = this.#context;
    if (!leg.lock.acceptsAddress(address)) {
      leg.stats.strangerPackets++;
      counters.strangers++;
      return;
    }
    const summary = readRtcp(bytes);
    if (summary === undefined) {
      leg.stats.malformedPackets++;
      counters.malformed++;
      return;
    }
    counters.rtcp++;
    const nowMs = performance.now();
    if (ownPort !== undefined) leg.learnRtcpSource(address, ownPort);
    const other = this.#legs[leg.otherSide];
    if (other.sendRtcp(bytes) && summary.senderNtpMiddle !== null) {
      other.farEnd.senderReportPassed(summary.senderNtpMiddle, nowMs);
    }
    leg.farEnd.heard(summary, nowMs);
  }

  get #onHold(): boolean {
    return this.#legs.caller.settings?.holding === true || this.#legs.callee.settings?.holding === true;
  }

  #start(samples: number, nowMs: number): void {
    this.#clock.start(nowMs, samples);
    this.#context.emit({ type: 'media-started', callId: this.callId, atEpochMs: Date.now() });
    for (const side of talkSides) {
      if (this.#legs[side].settings?.holding === true) this.#tellHold(side, true, nowMs);
    }
  }

  #resume(leg: Leg, nowMs: number): void {
    leg.silent = false;
    if (this.#clock.started) this.#tellStream('stream-resumed', leg.side, nowMs);
  }

  #tellHold(side: TalkSide, holding: boolean, nowMs: number): void {
    this.#context.emit({ type: 'hold', callId: this.callId, side, sample: this.#clock.at(nowMs), holding });
  }

  #tellStream(type: 'stream-silent' | 'stream-resumed', side: TalkSide, nowMs: number): void {
    this.#context.emit({ type, callId: this.callId, side, sample: this.#clock.at(nowMs) });
  }

  async #close(): Promise<void> {
    this.#closed = true;
    const { caller, callee } = this.#legs;
    await Promise.all([caller.sockets.close(), callee.sockets.close()]);
    const nowMs = performance.now();
    const endSample = this.#timeline && this.#clock.started ? this.#timeline.finish(nowMs) : this.#clock.at(nowMs);
    const streams = {
      caller: streamReport(caller, this.#timeline?.channels.caller),
      callee: streamReport(callee, this.#timeline?.channels.callee),
    };
    const { counters } = this.#context;
    for (const side of talkSides) {
      counters.filledSamples += streams[side].filledSamples;
      counters.droppedSamples += streams[side].droppedSamples;
    }
    this.#context.emit({ type: 'media-ended', callId: this.callId, endSample, streams });
    this.audio?.ended(endSample);
  }
}
