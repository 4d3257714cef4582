import type { RemoteInfo } from 'node:dgram';
import type { AudioCodec, ChannelSide, ForkStreamSettings } from '#sip/types.ts';
import { emptyRtpView, isRtcp } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import { RtpReceiver } from '../rtp/receiver.ts';
import type { SocketPair } from '../rtp/socket-pair.ts';
import type { CallContext, CallSound } from './call-sound.ts';
import { RtpSound } from './rtp-sound.ts';

/** One for the thread: filled and read within one datagram. */
const view = emptyRtpView();

/** A stream of which we only get a copy: heard, counted, decoded to its place on the timeline. */
export class ForkStream extends RtpReceiver {
  readonly side: ChannelSide;
  readonly #context: CallContext;
  readonly #sound: CallSound;
  readonly #rtp: RtpSound;
  #settings: ForkStreamSettings | undefined;

  constructor(side: ChannelSide, sockets: SocketPair, sound: CallSound, context: CallContext) {
    super(sockets, context.counters);
    this.side = side;
    this.#sound = sound;
    this.#context = context;
    this.#rtp = new RtpSound(side, sound);
    sockets.listen(
      (bytes, from) => this.#onRtp(bytes, from),
      (bytes, from) => this.#onRtcpPort(bytes, from),
      (thrown) => context.failed(sound.callId, thrown),
    );
  }

  get codec(): AudioCodec | null {
    return this.#rtp.codec;
  }

  get holding(): boolean {
    return this.#settings?.holding === true;
  }

  update(signalled: ForkStreamSettings, nowMs: number): void {
    const settings = this.spelledAll(signalled);
    const wasHolding = this.holding;
    this.#settings = settings;
    this.#rtp.apply(settings.formats);
    this.kinds = this.#rtp.kinds;
    this.lock.apply(settings, nowMs);
    this.silence.expect(settings.expected, nowMs);
    if (settings.holding !== wasHolding && this.#sound.started) {
      this.#sound.tellHold(this.side, settings.holding, nowMs);
    }
  }

  async close(): Promise<void> {
    this.silence.expect(false, performance.now());
    await this.sockets.close();
    this.#rtp.close();
  }

  #onRtp(bytes: Buffer, from: RemoteInfo): void {
    const { counters, stalls } = this.#context;
    counters.packets++;
    const nowMs = performance.now();
    if (isRtcp(bytes)) {
      this.readRtcp(bytes, from.address, nowMs);
      return;
    }
    stalls.alive(nowMs);
    const kind = this.read(bytes, from, view, nowMs, this.holding);
    if (kind === payloadKinds.unknown) return;
    if (this.silence.silent) {
      this.silence.silent = false;
      if (this.#sound.started) this.#sound.tellStream('stream-resumed', this.side, nowMs);
    }
    const timestamp = this.#rtp.timestamp(view);
    if (!this.arrived(view, timestamp, kind, nowMs)) return;
    const came = this.#rtp.hear(kind, bytes, view, timestamp, nowMs);
    if (came === 'malformed') this.malformed();
    if (came !== 'late') return;
    this.stats.late();
    counters.late++;
  }

  #onRtcpPort(bytes: Buffer, from: RemoteInfo): void {
    this.#context.counters.packets++;
    if (isRtcp(bytes)) this.readRtcp(bytes, from.address, performance.now());
    else this.malformed();
  }
}
