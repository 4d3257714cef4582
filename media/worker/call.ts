import type { RemoteInfo } from 'node:dgram';
import { once } from '#lib/closing.ts';
import { talkSides, type LegMediaSettings, type LegPorts, type TalkSide } from '#sip/types.ts';
import { Leg } from '../rtp/leg.ts';
import { emptyRtpView, isRtcp } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import type { SocketPair } from '../rtp/socket-pair.ts';
import type { CallAudio } from './call-audio.ts';
import { CallSound, type CallContext } from './call-sound.ts';
import { endCall } from './end-call.ts';
import type { WorkerCall } from './worker-call.ts';

/** One for the thread: filled and read within one datagram. */
const view = emptyRtpView();

/**
 * A bridged call on its worker. Each datagram is read in place, sent on at once, then forked: counted and decoded to its
 * place on the timeline. Nothing here waits, and nothing is made anew for a packet.
 */
export class Call implements WorkerCall {
  readonly callId: string;
  readonly #context: CallContext;
  readonly #legs: Readonly<Record<TalkSide, Leg>>;
  readonly #sound: CallSound;
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
    this.#context = context;
    const { counters } = context;
    this.#legs = {
      caller: new Leg('caller', sockets.caller, counters),
      callee: new Leg('callee', sockets.callee, counters),
    };
    this.#sound = new CallSound(callId, audio, context, { onStart: (nowMs) => this.#tellHolds(nowMs) });
    for (const side of talkSides) {
      this.#sound.addSide(side);
      const leg = this.#legs[side];
      leg.sockets.listen(
        (bytes, from) => this.#onRtp(leg, bytes, from),
        (bytes, from) => this.#onRtcpPort(leg, bytes, from),
        (thrown) => context.failed(callId, thrown),
      );
    }
    this.close = once(() => this.#close());
  }

  get ports(): Readonly<Record<TalkSide, LegPorts>> {
    return { caller: this.#legs.caller.ports, callee: this.#legs.callee.ports };
  }

  get rtpPorts(): readonly number[] {
    return talkSides.map((side) => this.#legs[side].sockets.rtpPort);
  }

  update(side: TalkSide, settings: LegMediaSettings): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    const leg = this.#legs[side];
    const wasHolding = leg.settings?.holding ?? false;
    leg.apply(settings, nowMs);
    this.#expectPackets(nowMs);
    if (settings.holding !== wasHolding && this.#sound.started) this.#sound.tellHold(side, settings.holding, nowMs);
  }

  digit(side: TalkSide, durationMs: number): void {
    if (!this.#closed) this.#sound.key(side, durationMs, performance.now());
  }

  pause(paused: boolean): void {
    if (!this.#closed) this.#sound.pause(paused, performance.now());
  }

  advance(nowMs: number): void {
    this.#sound.advance(nowMs);
  }

  checkSilence(nowMs: number): void {
    const { rtpTimeoutMs, silentAfterMs } = this.#context;
    const { caller, callee } = this.#legs;
    for (const { side, silence } of [caller, callee]) {
      if (silence.fellSilent(nowMs, silentAfterMs, rtpTimeoutMs) && this.#sound.started) {
        this.#sound.tellStream('stream-silent', side, nowMs);
      }
    }
    const quietMs = Math.min(caller.silence.quietMs(nowMs), callee.silence.quietMs(nowMs));
    if (quietMs < rtpTimeoutMs || nowMs - this.#timeoutToldMs < rtpTimeoutMs) return;
    this.#timeoutToldMs = nowMs;
    this.#context.emit({ type: 'rtp-timeout', callId: this.callId });
  }

  /**
   * Packets are expected of a leg once both ends are known, unless it does not talk or either side holds the other (a
   * phone on hold, and many that hold, send nothing). The time counts from when they came to be expected.
   */
  #expectPackets(nowMs: number): void {
    const connected = talkSides.every((side) => (this.#legs[side].settings?.remote ?? null) !== null);
    for (const side of talkSides) {
      const leg = this.#legs[side];
      leg.silence.expect(connected && !this.#onHold && leg.settings?.talks === true, nowMs);
    }
  }

  #onRtp(leg: Leg, bytes: Buffer, from: RemoteInfo): void {
    const { counters, stalls } = this.#context;
    counters.packets++;
    if (isRtcp(bytes)) {
      this.#onRtcp(leg, bytes, from.address);
      return;
    }
    const nowMs = performance.now();
    stalls.alive(nowMs);
    const kind = leg.read(bytes, from, view, nowMs, this.#onHold);
    if (kind === payloadKinds.unknown) return;
    if (leg.silence.silent) this.#resume(leg, nowMs);
    const talks = leg.settings?.talks === true;
    if (talks && this.#legs[leg.otherSide].send(bytes, view, kind)) counters.relayed++;
    if (leg.arrived(view, view.timestamp, kind, nowMs) && talks) this.#fork(leg, bytes, kind, nowMs);
  }

  #fork(leg: Leg, bytes: Buffer, kind: number, nowMs: number): void {
    const payloadBytes = view.payloadEnd - view.payloadStart;
    if (payloadBytes === 0) return;
    if (!this.#sound.started) this.#sound.start(kind <= payloadKinds.pcma ? payloadBytes : 0, nowMs);
    if (this.#sound.packet(leg.side, kind, bytes, view, view.timestamp, nowMs)) return;
    leg.stats.late();
    this.#context.counters.late++;
  }

  #onRtcpPort(leg: Leg, bytes: Buffer, from: RemoteInfo): void {
    this.#context.counters.packets++;
    if (isRtcp(bytes)) this.#onRtcp(leg, bytes, from.address, from.port);
    else leg.malformed();
  }

  /** `ownPort`: where it came from, when it came to the RTCP port. */
  #onRtcp(leg: Leg, bytes: Buffer, address: string, ownPort?: number): void {
    const nowMs = performance.now();
    const summary = leg.readRtcp(bytes, address, nowMs);
    if (summary === undefined) return;
    if (ownPort !== undefined) leg.learnRtcpSource(address, ownPort);
    const other = this.#legs[leg.otherSide];
    if (other.sendRtcp(bytes) && summary.senderNtpMiddle !== null) {
      other.farEnd.senderReportPassed(summary.senderNtpMiddle, nowMs);
    }
  }

  get #onHold(): boolean {
    return this.#legs.caller.settings?.holding === true || this.#legs.callee.settings?.holding === true;
  }

  #tellHolds(nowMs: number): void {
    for (const side of talkSides) {
      if (this.#legs[side].settings?.holding === true) this.#sound.tellHold(side, true, nowMs);
    }
  }

  #resume(leg: Leg, nowMs: number): void {
    leg.silence.silent = false;
    if (this.#sound.started) this.#sound.tellStream('stream-resumed', leg.side, nowMs);
  }

  async #close(): Promise<void> {
    this.#closed = true;
    const { caller, callee } = this.#legs;
    await Promise.all([caller.sockets.close(), callee.sockets.close()]);
    endCall(this.#sound, this.#context, [caller, callee]);
  }
}
