import type { AudioCodec, ChannelSide, ForkStreamSettings } from '#sip/types.ts';
import { createDecoder, type StatefulCodec } from '../codecs/decoders.ts';
import { TimestampScale } from '../codecs/timestamp-scale.ts';
import type { StreamDecoder } from '../codecs/types.ts';
import type { RtpView } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import { sampleRateHz } from '../types.ts';
import type { CallSound } from './call-sound.ts';

const types = 128;
const typeMask = types - 1;

const kindOf = {
  pcmu: payloadKinds.pcmu,
  pcma: payloadKinds.pcma,
  g722: payloadKinds.g722,
  opus: payloadKinds.opus,
  'comfort-noise': payloadKinds.comfortNoise,
  'telephone-event': payloadKinds.telephoneEvent,
} as const satisfies Record<ForkStreamSettings['formats'][number]['carries'], number>;

/** By kind. */
const codecOf: readonly (AudioCodec | undefined)[] = Object.assign([], {
  [payloadKinds.pcmu]: 'pcmu',
  [payloadKinds.pcma]: 'pcma',
  [payloadKinds.g722]: 'g722',
  [payloadKinds.opus]: 'opus',
} as const);

/** A decoder of Opus is a WebAssembly of its own: a sender that names another source in each packet gets no more of them. */
const shortestSourceMs = 500;

interface SourceDecoder {
  readonly ssrc: number;
  readonly madeMs: number;
  readonly decoder: StreamDecoder;
}

/** From the RTP packets of one stream, whatever codec each carries, to sound on the call's timeline. */
export class RtpSound {
  readonly side: ChannelSide;
  /** Kind by payload number. */
  kinds = new Uint8Array(types);
  /** Of the latest sound; null: none has come. */
  codec: AudioCodec | null = null;
  readonly #sound: CallSound;
  /** By payload number, where the clock is not 8 kHz; one for all numbers of a clock. */
  #scales: (TimestampScale | undefined)[] = [];
  #decoders = new Map<StatefulCodec, SourceDecoder>();

  constructor(side: ChannelSide, sound: CallSound) {
    this.side = side;
    this.#sound = sound;
  }

  apply(formats: ForkStreamSettings['formats']): void {
    this.kinds = new Uint8Array(types);
    this.#scales = [];
    const byRatio = new Map<number, TimestampScale>();
    for (const { payloadType, carries, clockRateHz } of formats) {
      this.kinds[payloadType & typeMask] = kindOf[carries];
      const ratio = clockRateHz / sampleRateHz;
      if (ratio <= 1) continue;
      const scale = byRatio.get(ratio) ?? new TimestampScale(ratio);
      byRatio.set(ratio, scale);
      this.#scales[payloadType & typeMask] = scale;
    }
  }

  /** A packet's timestamp at 8 kHz. */
  timestamp({ payloadType, ssrc, timestamp }: RtpView): number {
    return this.#scales[payloadType]?.to8k(ssrc, timestamp) ?? timestamp;
  }

  hear(
    kind: number,
    bytes: Uint8Array,
    view: RtpView,
    timestamp: number,
    nowMs: number,
  ): 'heard' | 'late' | 'malformed' {
    const { payloadStart: start, payloadEnd: end, ssrc } = view;
    if (end === start) return 'heard';
    const codec = codecOf[kind];
    if (codec !== undefined) this.codec = codec;
    // G.711 is decoded where it lies on the timeline; what packets of the others mean depends on the ones before.
    if (codec === undefined || codec === 'pcmu' || codec === 'pcma') {
      if (!this.#sound.started) this.#sound.start(kind <= payloadKinds.pcma ? end - start : 0, nowMs);
      return this.#sound.packet(this.side, kind, bytes, view, timestamp, nowMs) ? 'heard' : 'late';
    }
    const pcm = this.#decoderOf(codec, ssrc, nowMs).decode(bytes, start, end);
    if (pcm.length === 0) return 'malformed';
    if (!this.#sound.started) this.#sound.start(pcm.length, nowMs);
    return this.#sound.pcm(this.side, pcm, ssrc, timestamp, nowMs) ? 'heard' : 'late';
  }

  close(): void {
    for (const { decoder } of this.#decoders.values()) decoder.close();
    this.#decoders.clear();
  }

  /** A decoder has the state of one source: a new one has its own, unless they change faster than anybody speaks. */
  #decoderOf(codec: StatefulCodec, ssrc: number, nowMs: number): StreamDecoder {
    const known = this.#decoders.get(codec);
    if (known !== undefined && (known.ssrc === ssrc || nowMs - known.madeMs < shortestSourceMs)) return known.decoder;
    known?.decoder.close();
    const decoder = createDecoder(codec);
    this.#decoders.set(codec, { ssrc, madeMs: nowMs, decoder });
    return decoder;
  }
}
