import type { RemoteInfo } from 'node:dgram';
import type { AudioCodec, ChannelSide, ForkStreamSettings } from '#sip/types.ts';
import { createDecoder } from '../codecs/decoders.ts';
import { TimestampScale } from '../codecs/timestamp-scale.ts';
import type { StreamDecoder } from '../codecs/types.ts';
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

/** By kind: codecs whose packets depend on the ones before. G.711 is decoded where it lies on the timeline. */
const decodedHere: readonly (AudioCodec | undefined)[] = Object.assign([], {
  [payloadKinds.g722]: 'g722',
  [payloadKinds.opus]: 'opus',
} as const);

/** A stream of which we only get a copy: heard, counted, decoded to its place on the timeline. */
export class ForkStream extends RtpReceiver {
  readonly side: ChannelSide;
  readonly #context: CallContext;
  readonly #sound: CallSound;
  readonly #onStart: () => void;
  #decoder: { readonly codec: AudioCodec; readonly ssrc: number; readonly decoder: StreamDecoder } | undefined;
  /** By payload number, where the clock is not 8 kHz; one for all numbers of a clock. */
  #scales: (TimestampScale | undefined)[] = [];
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
    this.#scales = [];
    const byRatio = new Map<number, TimestampScale>();
    for (const { payloadType, carries, clockRateHz } of settings.formats) {
      this.kinds[payloadType & (types - 1)] = kindOf[carries];
      const ratio = clockRateHz / sampleRateHz;
      if (ratio <= 1) continue;
      const scale = byRatio.get(ratio) ?? new TimestampScale(ratio);
      byRatio.set(ratio, scale);
      this.#scales[payloadType & (types - 1)] = scale;
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
    this.#decoder?.decoder.close();
    this.#decoder = undefined;
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
    const scale = this.#scales[view.payloadType];
    const timestamp = scale === undefined ? view.timestamp : scale.to8k(view.ssrc, view.timestamp);
    if (!this.arrived(view, timestamp, kind, nowMs) || view.payloadEnd === view.payloadStart) return;
    if (this.#hear(kind, bytes, timestamp, nowMs)) return;
    this.stats.latePackets++;
    counters.late++;
  }

  #hear(kind: number, bytes: Buffer, timestamp: number, nowMs: number): boolean {
    const { payloadStart: start, payloadEnd: end, ssrc } = view;
    const codec = decodedHere[kind];
    if (codec === undefined) {
      if (!this.#sound.started) this.#start(kind <= payloadKinds.pcma ? end - start : 0, nowMs);
      return this.#sound.packet(this.side, kind, bytes, view, timestamp, nowMs);
    }
    const pcm = this.#decoderOf(codec, ssrc).decode(bytes, start, end);
    if (pcm.length === 0) {
      this.malformed();
      return true;
    }
    if (!this.#sound.started) this.#start(pcm.length, nowMs);
    return this.#sound.pcm(this.side, pcm, ssrc, timestamp, nowMs);
  }

  /** A decoder has the state of one stream of one codec. */
  #decoderOf(codec: AudioCodec, ssrc: number): StreamDecoder {
    if (this.#decoder?.codec === codec && this.#decoder.ssrc === ssrc) return this.#decoder.decoder;
    this.#decoder?.decoder.close();
    const decoder = createDecoder(codec);
    this.#decoder = { codec, ssrc, decoder };
    return decoder;
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
