import type { AudioCodec, ChannelSide, ForkStreamSettings } from '#sip/types.ts';
import { FarEndQuality } from '../quality/far-end.ts';
import { StreamStats } from '../quality/stream-stats.ts';
import { emptyRtpView, isRtcp, readRtp } from '../rtp/packet.ts';
import { payloadKinds } from '../rtp/payloads.ts';
import { readRtcp } from '../rtp/rtcp.ts';
import type { CallSound } from './call-sound.ts';
import { RtpSound } from './rtp-sound.ts';
import type { StreamCounts } from './stream-report.ts';

const view = emptyRtpView();

/** RTP packets out of a file: as a stream from the network, at the times at which they were captured. */
export class PacketSource implements StreamCounts {
  readonly side: ChannelSide;
  readonly stats = new StreamStats();
  readonly farEnd = new FarEndQuality();
  /** What it sends is music on hold, not talk. */
  holding = false;
  readonly #rtp: RtpSound;

  constructor(side: ChannelSide, formats: ForkStreamSettings['formats'], sound: CallSound) {
    this.side = side;
    this.#rtp = new RtpSound(side, sound);
    this.#rtp.apply(formats);
  }

  get codec(): AudioCodec | null {
    return this.#rtp.codec;
  }

  packet(bytes: Uint8Array, atMs: number): void {
    if (isRtcp(bytes)) {
      const summary = readRtcp(bytes);
      if (summary === undefined) this.stats.malformedPackets++;
      else this.farEnd.heard(summary, atMs);
      return;
    }
    const kind = readRtp(bytes, view) ? (this.#rtp.kinds[view.payloadType] as number) : payloadKinds.unknown;
    if (kind === payloadKinds.unknown) {
      this.stats.malformedPackets++;
      return;
    }
    const timestamp = this.#rtp.timestamp(view);
    const timed = kind !== payloadKinds.telephoneEvent;
    if (this.stats.arrived(view.ssrc, view.sequence, timestamp, atMs, timed) === 'duplicate') return;
    const came = this.#rtp.hear(kind, bytes, view, timestamp, atMs);
    if (came === 'malformed') this.stats.malformedPackets++;
    if (came === 'late') this.stats.late();
  }

  close(): void {
    this.#rtp.close();
  }
}
