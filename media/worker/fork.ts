import { once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { ChannelSide, ForkStreamSettings, LegPorts, PcmStreamFormat } from '#sip/types.ts';
import type { SocketPair } from '../rtp/socket-pair.ts';
import { mostChannels } from '../timeline/audio-memory.ts';
import type { CallAudio } from './call-audio.ts';
import { CallSound, type CallContext } from './call-sound.ts';
import { endCall } from './end-call.ts';
import { ForkStream } from './fork-stream.ts';
import { PacketSource } from './packet-source.ts';
import { PcmSource } from './pcm-source.ts';
import type { WorkerCall } from './worker-call.ts';

/**
 * A call of which a copy comes, on its worker: any number of streams up to three sides, RTP or bare sound, on one
 * timeline. Nothing is sent. Where it is not `live`, the timeline follows what is written instead of the wall clock
 * (files).
 */
export class Fork implements WorkerCall {
  readonly callId: string;
  readonly #context: CallContext;
  readonly #sound: CallSound;
  readonly #live: boolean;
  readonly #rtp = new Map<ChannelSide, ForkStream>();
  readonly #pcm = new Map<ChannelSide, PcmSource>();
  readonly #packets = new Map<ChannelSide, PacketSource>();
  /** Of the newest packet out of a file. */
  #packetMs = 0;
  #timeoutToldMs = -Infinity;
  #closed = false;
  readonly close: () => Promise<void>;

  /** `fileEpochMs`: of time 0 of a file; undefined: the call is live. */
  constructor(callId: string, audio: CallAudio | undefined, context: CallContext, fileEpochMs: number | undefined) {
    this.callId = callId;
    this.#context = context;
    this.#live = fileEpochMs === undefined;
    this.#sound = new CallSound(callId, audio, context, {
      ...(fileEpochMs === undefined ? {} : { startEpochMs: fileEpochMs }),
      onStart: (nowMs) => this.#tellHolds(nowMs),
    });
    this.close = once(() => this.#close());
  }

  get rtpPorts(): readonly number[] {
    return [...this.#rtp.values()].map(({ sockets }) => sockets.rtpPort);
  }

  /** `checkFree` comes first: by now the sockets are bound. */
  addRtp(side: ChannelSide, sockets: SocketPair): LegPorts {
    const stream = new ForkStream(side, sockets, this.#sound, this.#context);
    this.#rtp.set(side, stream);
    this.#sound.addSide(side);
    return stream.ports;
  }

  /** @throws SidetoneError `bad-request` */
  addPcm(side: ChannelSide, format: PcmStreamFormat): void {
    this.checkFree(side);
    this.#pcm.set(side, new PcmSource(side, format, this.#sound, this.#live));
    this.#sound.addSide(side);
  }

  /** @throws SidetoneError `bad-request` */
  addPackets(side: ChannelSide, formats: ForkStreamSettings['formats']): void {
    this.checkFree(side);
    this.#packets.set(side, new PacketSource(side, formats, this.#sound));
    this.#sound.addSide(side);
  }

  /** @throws SidetoneError `bad-request`: the side is taken, or there are as many as can be */
  checkFree(side: ChannelSide): void {
    const taken = [...this.#rtp.keys(), ...this.#pcm.keys(), ...this.#packets.keys()];
    if (taken.includes(side)) throw new SidetoneError('bad-request', `the call has a stream of its ${side}`);
    if (taken.length >= mostChannels) throw new SidetoneError('bad-request', 'the call has three streams');
  }

  update(side: ChannelSide, settings: ForkStreamSettings): void {
    if (!this.#closed) this.#rtp.get(side)?.update(settings, performance.now());
  }

  /** The stream is over; its side stays, in silence. */
  closeStream(side: ChannelSide): void {
    this.#rtp
      .get(side)
      ?.close()
      .catch((thrown: unknown) => this.#context.failed(this.callId, thrown));
  }

  write(side: ChannelSide, bytes: Uint8Array): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    const source = this.#pcm.get(side);
    if (source === undefined) return;
    if (source.silence.silent) {
      source.silence.silent = false;
      if (this.#sound.started) this.#sound.tellStream('stream-resumed', side, nowMs);
    }
    this.#context.counters.packets++;
    source.write(bytes, nowMs);
    if (!this.#live) this.#sound.advance(this.#fileMs);
  }

  /** So much of a stream of bare sound never came. */
  gap(side: ChannelSide, ms: number): void {
    if (!this.#closed) this.#pcm.get(side)?.gap(ms);
  }

  /** `atMs`: since time 0 of the file; packets come in that order. */
  packet(side: ChannelSide, bytes: Uint8Array, atMs: number): void {
    if (this.#closed) return;
    const nowMs = this.#reached(atMs);
    this.#packets.get(side)?.packet(bytes, nowMs);
    this.#sound.advance(nowMs);
  }

  /** Signalling of a capture, at its place among the packets. */
  capturedHold(side: ChannelSide, holding: boolean, atMs: number): void {
    const source = this.#packets.get(side);
    if (this.#closed || source === undefined || source.holding === holding) return;
    source.holding = holding;
    const nowMs = this.#reached(atMs);
    if (this.#sound.started) this.#sound.tellHold(side, holding, nowMs);
  }

  capturedKey(side: ChannelSide, durationMs: number, atMs: number): void {
    if (!this.#closed) this.#sound.key(side, durationMs, this.#reached(atMs));
  }

  digit(side: ChannelSide, durationMs: number): void {
    if (!this.#closed) this.#sound.key(side, durationMs, performance.now());
  }

  pause(paused: boolean): void {
    if (!this.#closed) this.#sound.pause(paused, this.#nowMs);
  }

  advance(nowMs: number): void {
    if (this.#live) this.#sound.advance(nowMs);
  }

  checkSilence(nowMs: number): void {
    if (!this.#live) return;
    const { silentAfterMs, rtpTimeoutMs } = this.#context;
    let quietMs = Infinity;
    for (const { side, silence } of [...this.#rtp.values(), ...this.#pcm.values()]) {
      if (silence.fellSilent(nowMs, silentAfterMs, rtpTimeoutMs) && this.#sound.started) {
        this.#sound.tellStream('stream-silent', side, nowMs);
      }
      // What is held or over says nothing; with all streams held, nothing is missing.
      if (silence.expected) quietMs = Math.min(quietMs, silence.quietMs(nowMs));
    }
    if (quietMs === Infinity || quietMs < rtpTimeoutMs || nowMs - this.#timeoutToldMs < rtpTimeoutMs) return;
    this.#timeoutToldMs = nowMs;
    this.#context.emit({ type: 'rtp-timeout', callId: this.callId });
  }

  #tellHolds(nowMs: number): void {
    for (const { side, holding } of [...this.#rtp.values(), ...this.#packets.values()]) {
      if (holding) this.#sound.tellHold(side, true, nowMs);
    }
  }

  /** A file's time never goes back. */
  #reached(atMs: number): number {
    return (this.#packetMs = Math.max(this.#packetMs, atMs));
  }

  /** How far the file is read: sound that every stream has written, or the newest packet. */
  get #fileMs(): number {
    return this.#pcm.size === 0
      ? this.#packetMs
      : Math.min(...[...this.#pcm.values()].map(({ writtenMs }) => writtenMs));
  }

  get #nowMs(): number {
    return this.#live ? performance.now() : this.#fileMs;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#rtp.values()].map((stream) => stream.close()));
    for (const source of this.#pcm.values()) source.flush();
    for (const source of this.#packets.values()) source.close();
    const streams = [...this.#rtp.values(), ...this.#pcm.values(), ...this.#packets.values()];
    endCall(this.#sound, this.#context, streams, this.#nowMs);
  }
}
