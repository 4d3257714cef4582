import type { Law } from '#lib/audio/g711.ts';
import type { PartySide, RecordPolicy, TalkSide } from './calls.ts';

/** What sip/ needs of media/: media implements it, main.ts wires it. */

export type { Law };

/** What one leg has agreed to, in RTP terms. Complete: each `update` replaces the last. */
export interface LegMediaSettings {
  /** Where to send until the source rule locks; null while the leg's SDP is unknown, or it is held with port 0. */
  readonly remote: { readonly address: string; readonly rtpPort: number; readonly rtcpPort: number } | null;
  /** IPs whose RTP may be accepted, any port: the SDP's address and the IP that the leg's SIP came from. */
  readonly acceptedAddresses: readonly string[];
  readonly rtcpMux: boolean;
  /** The law that we send on this leg; both laws are always understood on receipt (payload types 0 and 8). */
  readonly sendLaw: Law;
  /** Payload numbers of comfort noise (13) and telephone-event in what we send on this leg; null where not agreed. */
  readonly comfortNoise: number | null;
  readonly telephoneEvent: number | null;
  /**
   * Payload number of telephone-event in what this leg sends: the one in our description (RFC 3264 section 5.1: numbers
   * are what the description's sender wants to receive), which need not be the one in the leg's. Null where not agreed.
   */
  readonly receivedTelephoneEvent: number | null;
  /** ms of a packet that this leg prefers (a=ptime, else 20), and its a=maxptime (null: none stated). */
  readonly ptimeMs: number;
  readonly maxptimeMs: number | null;
  /** What the leg's far end may do: may it hear us (`listens`), does it talk (`talks`)? Hold clears one or both. */
  readonly talks: boolean;
  readonly listens: boolean;
  /** True while this leg has the other on hold: what it sends is music, not talk. */
  readonly holding: boolean;
}

export interface LegPorts {
  /** Address to put in SDP is chosen by sip/, the ports by media/. rtcpPort = rtpPort + 1. */
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** To put in SDP instead, where the ports are not on this machine (rtpengine carries the talk path). */
  readonly address?: string;
}

export interface MediaCall {
  readonly callId: string;
  readonly ports: Readonly<Record<TalkSide, LegPorts>>;
  /** Applies at once and in order; never throws. */
  update(side: TalkSide, settings: LegMediaSettings): void;
  /** A digit came by SIP INFO: mark it on the timeline as DTMF (which digit is none of media's business). */
  digitByInfo(side: TalkSide, durationMs: number): void;
  /** Paused: nothing is recorded or recognised, and the timeline goes on in silence. The relay does not notice. */
  pause(paused: boolean): void;
  /** Stops relaying, frees the ports, flushes the timeline. Idempotent. */
  close(): Promise<void>;
}

export interface MediaGateway {
  /**
   * Reserves one even/odd port pair a leg, both legs on one worker thread.
   * @throws SidetoneError `ports-exhausted`, `media-worker-lost`
   */
  open(request: { readonly callId: string; readonly record: RecordPolicy }): Promise<MediaCall>;
  /**
   * A call of which a copy comes. Ports are taken as streams are added; all streams of a call are on one worker.
   * @throws SidetoneError `media-worker-lost`
   */
  openFork(request: {
    readonly callId: string;
    readonly record: RecordPolicy;
    /**
     * Undefined: the call is live. Of a file, when its time 0 was: then the timeline goes on as far as every stream has
     * been written to, or to the newest packet, whatever the clock says; `room` tells when to go on.
     */
    readonly fileEpochMs?: number | undefined;
  }): Promise<MediaFork>;
  /** Of one call, from the media side: `timeout` = no RTP on both legs (call must end), `failed` = worker lost. */
  onTrouble(listener: (trouble: { readonly callId: string; readonly kind: 'timeout' | 'failed' }) => void): () => void;
  /** Of one call: somebody pressed the keys that pause it, or that let it go on (`pause.dtmf`). Pausing it is sip's. */
  onPauseCode(listener: (code: { readonly callId: string; readonly paused: boolean }) => void): () => void;
}

// ---- Calls that are only heard: SIPREC, rtpengine, AudioSocket, WebSocket, files --------------------------------------

/** What can be decoded. Clock rates on the wire: 8000, Opus 48000 (RFC 7587). */
export const audioCodecs = ['pcmu', 'pcma', 'g722', 'opus'] as const;
export type AudioCodec = (typeof audioCodecs)[number];

/** What an RTP stream that is only received has agreed to. Complete: each `update` replaces the last. */
export interface ForkStreamSettings {
  /** As in `LegMediaSettings`. Nothing is sent there but RTCP. */
  readonly remote: { readonly address: string; readonly rtpPort: number; readonly rtcpPort: number } | null;
  readonly acceptedAddresses: readonly string[];
  readonly rtcpMux: boolean;
  /** What each payload number carries. */
  readonly formats: readonly {
    readonly payloadType: number;
    readonly carries: AudioCodec | 'comfort-noise' | 'telephone-event';
    readonly clockRateHz: number;
  }[];
  /** Are packets to be expected? False while the stream is held, inactive or port 0. */
  readonly expected: boolean;
  /** What it carries meanwhile is music on hold, not talk. */
  readonly holding: boolean;
}

export interface RtpStream {
  readonly side: PartySide;
  readonly ports: LegPorts;
  /** Applies at once and in order; never throws. */
  update(settings: ForkStreamSettings): void;
  /** A key that signalling told of, just now (which one is none of media's business). */
  key(durationMs: number): void;
  /** The stream is over, the call goes on: its channel is silent from here, its ports rest. Idempotent. */
  close(): Promise<void>;
}

/** Sound that comes without RTP, in order and without timestamps: it lies where it arrives. */
export interface PcmStreamFormat {
  readonly encoding: 'linear16' | 'pcmu' | 'pcma';
  readonly sampleRateHz: number;
}
export interface PcmStream {
  readonly side: PartySide;
  /** Little-endian samples or codes, mono; whole or split anywhere. The bytes are handed over. Never throws. */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** So long the sender had something to say that never came: what is written next lies after it. Never throws. */
  gap(ms: number): void;
  /** A key that the sender told of, just now (which one is none of media's business). */
  key(durationMs: number): void;
}

/** RTP packets out of a file, of one stream. */
export interface PacketStream {
  readonly side: PartySide;
  /** As captured, without UDP's header; RTCP too. `atMs`: since time 0 of the file; in that order over all streams. */
  packet(bytes: Uint8Array<ArrayBuffer>, atMs: number): void;
  /** The side puts the others on hold, or takes them back: what it sends meanwhile is music. */
  hold(holding: boolean, atMs: number): void;
  /** A key that signalling told of (which one is none of media's business). */
  key(durationMs: number, atMs: number): void;
}

/** A call that is heard and not carried. Its sides are those of the streams added; three at the most, each once. */
export interface MediaFork {
  readonly callId: string;
  /** @throws SidetoneError `ports-exhausted`, `media-worker-lost`, `bad-request` (a side that is taken) */
  addRtp(side: PartySide): Promise<RtpStream>;
  /** @throws SidetoneError `media-worker-lost`, `bad-request` */
  addPcm(side: PartySide, format: PcmStreamFormat): Promise<PcmStream>;
  /** Of a call that is not live alone. @throws SidetoneError `media-worker-lost`, `bad-request` */
  addPackets(side: PartySide, formats: ForkStreamSettings['formats']): Promise<PacketStream>;
  /** Paused: nothing is recorded or recognised, and the timeline goes on in silence. */
  pause(paused: boolean): void;
  /**
   * Resolves when recognition and recording have done with all but the last minute (and what redaction may hold) of what
   * was written: no writer that is faster than they are need lose anything.
   * @throws SidetoneError `media-worker-lost`
   */
  room(): Promise<void>;
  close(): Promise<void>;
}
