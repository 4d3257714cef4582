import type { RemoteInfo } from 'node:dgram';
import type { ChannelSide, ForkStreamSettings } from '#sip/types.ts';
import { emptyRtpView, isRtcp } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import { RtpReceiver } from '../rtp/receiver.ts';
import type { SocketPair } from '../rtp/socket-pair.ts';
import { sampleRateHz } from '../types.ts';
import type { CallContext, CallSound } from './call-sound.ts';

/** One for the thread: filled and read within one datagram. */
const view = emptyRtpView();
const types = 128;

const kindOf = {
  pcmu: payloadKinds.pcmu,
  pcma: payloadKinds.pcma,
  g722: payloadKinds.g722,
  opus: payloadKinds.opus,
  'comfort-noise': payloadKinds.comfortNoise,
  'telephone-event': payloadKinds.telephoneEvent,
} as const satisfies Record<ForkStreamSettings['formats'][number]['carries'], number>;

/** A stream of which we only get a copy: heard, counted, decoded to its place on the timeline. */
export class ForkStream extends RtpReceiver {
  readonly side: ChannelSide;
  readonly #context: CallContext;
  readonly #sound: CallSound;
  readonly #onStart: () => void;
  /** Clock rate over 8 kHz, by payload number. */
  readonly #clockRatios = new Uint8Array(types).fill(1);
  settings: ForkStreamSettings | undefined;

  constructor(side: ChannelSide, sockets: SocketPair, sound: CallSound, context: CallContext, onStart: () => void) {
    super(sockets, context.counters);
    this.side = side;
    this.#sound = sound;
    this.#context = context;
    this.#onStart = onStart;
    sockets.listen(
      (bytes, from) => this.#onRtp(bytes, from),
      (bytes, from) => this.#onRtcpPort(bytes, from),
    );
  }

  update(signalled: ForkStreamSettings, nowMs: number): void {
    const settings = this.spelledAll(signalled);
    const wasHolding = this.settings?.holding ?? false;
    this.settings = settings;
    this.kinds = new Uint8Array(types);
    for (const { payloadType, carries, clockRateHz } of settings.formats) {
      this.kinds[payloadType & (types - 1)] = kindOf[carries];
      this.#clockRatios[payloadType & (types - 1)] = Math.max(1, Math.round(clockRateHz / sampleRateHz));
    }
    this.lock.apply(settings, nowMs);
    this.expect(settings.expected, nowMs);
    if (settings.holding !== wasHolding && this.#sound.started) {
      this.#sound.tellHold(this.side, settings.holding, nowMs);
    }
  }

  async close(): Promise<void> {
    this.expect(false, performance.now());
    await this.sockets.close();
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
    const kind = this.read(bytes, from, view, nowMs, this.settings?.holding === true);
    if (kind === payloadKinds.unknown) return;
    if (this.silent) {
      this.silent = false;
      if (this.#sound.started) this.#sound.tellStream('stream-resumed', this.side, nowMs);
    }
    const timestamp = Math.floor(view.timestamp / (this.#clockRatios[view.payloadType] as number));
    if (!this.arrived(view, timestamp, kind, nowMs) || view.payloadEnd === view.payloadStart) return;
    if (this.#hear(kind, bytes, timestamp, nowMs)) return;
    this.stats.latePackets++;
    counters.late++;
  }

  #hear(kind: number, bytes: Buffer, timestamp: number, nowMs: number): boolean {
    if (!this.#sound.started) this.#start(kind <= payloadKinds.pcma ? view.payloadEnd - view.payloadStart : 0, nowMs);
    return this.#sound.packet(this.side, kind, bytes, view, timestamp, nowMs);
  }

  #start(samples: number, nowMs: number): void {
    this.#sound.start(samples, nowMs);
    this.#onStart();
  }

  #onRtcpPort(bytes: Buffer, from: RemoteInfo): void {
    this.#context.counters.packets++;
    if (isRtcp(bytes)) this.readRtcp(bytes, from.address, performance.now());
    else this.malformed();
  }
}
