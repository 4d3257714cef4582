import type { RemoteInfo } from 'node:dgram';
import type { LegMediaSettings, LegPorts } from '#sip/types.ts';
import { FarEndQuality } from '../quality/far-end.ts';
import { SilenceWatch } from '../quality/silence-watch.ts';
import { StreamStats } from '../quality/stream-stats.ts';
import { readRtp, type RtpView } from './packet.ts';
import { payloadKinds } from './payloads.ts';
import { readRtcp, type RtcpSummary } from './rtcp.ts';
import type { SocketPair } from './socket-pair.ts';
import { SourceLock } from './source-lock.ts';

const nothingUnderstood = new Uint8Array(128);

/** What a receiver counts beside its own stream. */
export interface ReceiverCounters {
  malformed: number;
  strangers: number;
  duplicates: number;
  rtcp: number;
}

/** The receiving half of a stream on its worker: its sockets, whom it hears, what it counts. */
export class RtpReceiver {
  readonly sockets: SocketPair;
  readonly lock = new SourceLock();
  readonly stats = new StreamStats();
  readonly farEnd = new FarEndQuality();
  /** Kind by payload number. Nothing is understood until signalling has said what comes. */
  kinds: Uint8Array = nothingUnderstood;
  readonly silence = new SilenceWatch();
  readonly #counters: ReceiverCounters;

  constructor(sockets: SocketPair, counters: ReceiverCounters) {
    this.sockets = sockets;
    this.#counters = counters;
  }

  get ports(): LegPorts {
    return { rtpPort: this.sockets.rtpPort, rtcpPort: this.sockets.rtpPort + 1 };
  }

  /** Reads a datagram of the RTP port into `view`. Its kind, or `unknown`: not to be heard, and counted. */
  read(bytes: Buffer, from: RemoteInfo, view: RtpView, nowMs: number, onHold: boolean): number {
    const kind = readRtp(bytes, view) ? (this.kinds[view.payloadType] as number) : payloadKinds.unknown;
    if (kind === payloadKinds.unknown) this.malformed();
    else if (this.lock.hears(from.address, from.port, view.sequence, nowMs, onHold)) {
      this.silence.heard(nowMs, kind === payloadKinds.comfortNoise);
      return kind;
    } else this.#stranger();
    return payloadKinds.unknown;
  }

  /** False for a duplicate. `timestamp`: as in `view`, or brought to 8 kHz. */
  arrived(view: RtpView, timestamp: number, kind: number, nowMs: number): boolean {
    const timed = kind !== payloadKinds.telephoneEvent;
    if (this.stats.arrived(view.ssrc, view.sequence, timestamp, nowMs, timed) === 'new') return true;
    this.#counters.duplicates++;
    return false;
  }

  /** Undefined: not to be believed, and counted. */
  readRtcp(bytes: Buffer, address: string, nowMs: number): RtcpSummary | undefined {
    if (!this.lock.acceptsAddress(address)) {
      this.#stranger();
      return undefined;
    }
    const summary = readRtcp(bytes);
    if (summary === undefined) this.malformed();
    else {
      this.#counters.rtcp++;
      this.farEnd.heard(summary, nowMs);
    }
    return summary;
  }

  malformed(): void {
    this.stats.malformedPackets++;
    this.#counters.malformed++;
  }

  #stranger(): void {
    this.stats.strangerPackets++;
    this.#counters.strangers++;
  }

  /** The addresses as the sockets tell of them: what is compared to them for every packet must look the same. */
  spelledAll<Settings extends Pick<LegMediaSettings, 'remote' | 'acceptedAddresses'>>(settings: Settings): Settings {
    const spelled = (address: string): string => this.sockets.spelled(address);
    const { remote, acceptedAddresses } = settings;
    return {
      ...settings,
      remote: remote && { ...remote, address: spelled(remote.address) },
      acceptedAddresses: acceptedAddresses.map(spelled),
    };
  }
}
