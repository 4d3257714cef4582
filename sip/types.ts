import type { Law } from '#lib/audio/g711.ts';

/**
 * What sip/ tells the stages after it, and what it needs of them. Main-thread objects unless said otherwise; every
 * event is readonly, structured-cloneable and frozen by whoever makes it.
 */

/** The two legs of a bridged call. `caller` sent us the INVITE (A leg); `callee` got ours (B leg). */
export type TalkSide = 'caller' | 'callee';
export const talkSides: readonly TalkSide[] = ['caller', 'callee'];
export function otherSide(side: TalkSide): TalkSide {
  return side === 'caller' ? 'callee' : 'caller';
}

export type PartySide = TalkSide | 'other' | 'mixed';
/** A third participant is `other`; one stream that carries all is `mixed`. */
export const partySides: readonly PartySide[] = ['caller', 'callee', 'other', 'mixed'];
/** A channel of a call's timeline: the stream of this side. */
export type ChannelSide = PartySide;
export type PartyRole = 'agent' | 'customer' | 'unknown';
export interface Party {
  readonly partyId: string;
  readonly side: PartySide;
  /** `sip:` or `tel:` URI without parameters or password; null when withheld by the network. */
  readonly uri: string | null;
  readonly displayName: string | null;
  readonly role: PartyRole;
  /** ms since the call's first media sample; 0 for those present from the start. */
  readonly joinedMs: number;
  readonly leftMs: number | null;
}

export type CallSource = 'b2bua' | 'siprec' | 'rtpengine' | 'audiosocket' | 'websocket' | 'ingest';
export type CallState = 'ringing' | 'active' | 'ended';

/** How a call came to its end. `completed` was answered; the others never were, or broke. */
export type CallResult = 'completed' | 'cancelled' | 'rejected' | 'failed';
/** The same words in log, metrics and database. Each is explained in docs/terminations.md. */
export const terminationReasons = [
  'caller-hung-up',
  'callee-hung-up',
  'caller-cancelled',
  'callee-busy',
  'callee-declined',
  'callee-rejected',
  'no-answer',
  'no-route',
  'no-target-reachable',
  'not-acceptable-here',
  'no-ack',
  'session-expired',
  'rtp-timeout',
  'max-duration',
  'media-failed',
  'ports-exhausted',
  'too-many-hops',
  'replaced',
  'sender-ended',
  'sender-lost',
  'file-ended',
  'server-draining',
  'server-shutdown',
  'server-restarted',
  'internal-error',
] as const;
export type TerminationReason = (typeof terminationReasons)[number];
export interface Termination {
  readonly result: CallResult;
  readonly reason: TerminationReason;
  /** The final SIP status that ended the set-up; null once the call was answered. */
  readonly sipStatus: number | null;
}

export const recordPolicies = ['none', 'redacted-only', 'all'] as const;
/** Whether and how a call may be kept: redaction.md, "Choice not to record". */
export type RecordPolicy = (typeof recordPolicies)[number];

/** The life of a call as signalling sees it. Per call: ringing, then answered?, then ended, with the others between. */
export type CallEvent =
  | {
      readonly type: 'ringing';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly source: CallSource;
      /** Whose call it is to the administrator: the trunk's name, else the address that it came from. */
      readonly sourceName: string;
      readonly sipCallIds: readonly string[];
      readonly parties: readonly Party[];
      readonly record: RecordPolicy;
      /** Identity and diversion headers worth keeping, lower-case names. NOT yet masked: analytics masks before storing. */
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Another SIP dialog belongs to the call (the B leg, or a further target). */
  | { readonly type: 'leg'; readonly callId: string; readonly atEpochMs: number; readonly sipCallId: string }
  | { readonly type: 'answered'; readonly callId: string; readonly atEpochMs: number }
  /** Who takes part now: joined, left, renamed. The whole list each time. */
  | {
      readonly type: 'parties';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly parties: readonly Party[];
    }
  /** Something worth a line in the call's history; `detail` holds no digits and no content. */
  | {
      readonly type: 'note';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly note: string;
      readonly detail: string;
    }
  | { readonly type: 'ended'; readonly callId: string; readonly atEpochMs: number; readonly termination: Termination };

// ---- What sip/ needs of media/ (media implements it, main.ts wires it) -------------------------------------------

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

// ---- Calls of which we get a copy: SIPREC, rtpengine, AudioSocket, WebSocket, files --------------------------------

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

/**
 * The one way in for calls of which we get a copy, from "stream begins" to "stream ends": identity, events, media,
 * limits, drain. sip/forks implements it; SIPREC and rtpengine use it, main.ts hands it to media/streams and media/files.
 */
export interface CallIntake {
  /**
   * Emits `ringing` and opens the fork.
   * @throws SidetoneError `server-draining`, `at-capacity`, `ports-exhausted`, `media-worker-lost`
   */
  begin(call: {
    readonly source: Exclude<CallSource, 'b2bua'>;
    readonly sourceName: string;
    readonly sipCallIds: readonly string[];
    readonly parties: readonly Party[];
    readonly headers: Readonly<Record<string, string>>;
    /** Default: the configuration's. */
    readonly record?: RecordPolicy;
    /** Undefined: the call is live. Of a file, when its time 0 was; `ringing` carries it. */
    readonly fileEpochMs?: number | undefined;
    /** Default: a new one. Of a file, the id that its sender was told. */
    readonly callId?: string;
  }): Promise<IntakeCall>;
}

export interface IntakeCall {
  readonly callId: string;
  readonly fork: MediaFork;
  /** The copied call is up, by default as of now. Idempotent. */
  answered(atEpochMs?: number): void;
  parties(parties: readonly Party[]): void;
  leg(sipCallId: string): void;
  /** A line in the call's history; kebab-case, no digits, no content. */
  note(note: string, detail: string): void;
  /** By whom: a user, `siprec`, `dtmf` ...; noted in the history. */
  pause(paused: boolean, by: string): void;
  /**
   * Closes the fork and emits `ended`, by default as of now; a whole `Termination` where the sender knows how its call
   * went (captures). Idempotent: the first one stands.
   */
  end(how: TerminationReason | Termination, atEpochMs?: number): Promise<void>;
  /** The house wants it over (drain, hang-up, longest duration, media lost): tell the sender, then call `end`. */
  onEndWanted(listener: (reason: TerminationReason) => void): void;
}

// ---- Calls read from a capture file (pcap, pcapng): sip/capture reads them, media/files plays them ------------------

/** Of one captured call, in the order of the file. Times are those of the capture and never go back. */
export type CapturedItem =
  /** One RTP packet, header and all; the bytes are the receiver's. */
  | {
      readonly type: 'rtp';
      readonly side: TalkSide;
      readonly atEpochMs: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** `side` puts the other on hold, or takes it back: what it sends meanwhile is music. */
  | { readonly type: 'hold'; readonly side: TalkSide; readonly atEpochMs: number; readonly holding: boolean }
  /** A digit by SIP INFO. */
  | { readonly type: 'key'; readonly side: TalkSide; readonly atEpochMs: number; readonly durationMs: number };

export interface CapturedStream {
  readonly side: TalkSide;
  /** What its payload numbers carry, by both descriptions, else by RFC 3551's static numbers. */
  readonly formats: ForkStreamSettings['formats'];
  readonly packets: number;
  /** Of these, packets whose number stands for nothing in `formats`. */
  readonly unknownPackets: number;
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

export interface CapturedCall {
  /** Empty when there was no signalling: two streams that go to and fro between the same ports. */
  readonly sipCallIds: readonly string[];
  readonly parties: readonly Party[];
  /** As in `ringing`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly startedEpochMs: number;
  readonly answeredEpochMs: number | null;
  readonly endedEpochMs: number;
  readonly termination: Termination;
  /** One a side that was heard, at most. */
  readonly streams: readonly CapturedStream[];
  /** kebab-case, each explained in docs/pbx/captures.md. */
  readonly notes: readonly string[];
  /** Reads the call's part of the file anew each time. @throws SidetoneError `unsupported-audio` when it has changed */
  items(): AsyncIterable<CapturedItem>;
}

export interface CaptureContents {
  readonly calls: readonly CapturedCall[];
  /** What the file held and what of it could not be used; none of these is a fault of the file. */
  readonly counts: Readonly<Record<CaptureCount, number>>;
}
export const captureCounts = [
  'records',
  'bytes',
  /** The file ends within a record (0 or 1). */
  'truncatedRecords',
  /** Records of a link type that is not read. */
  'otherLinks',
  /** Packets shorter than on the wire (snaplen): their sound or message is not there. */
  'cutPackets',
  'malformedPackets',
  /** Fragmented datagrams that never became whole. */
  'lostFragments',
  /** Places in TCP streams where bytes are missing. */
  'tcpGaps',
  'sipMessages',
  'malformedSip',
  'rtpPackets',
  /** RTP of no call: too few packets, or a codec that nothing names. */
  'strayRtpPackets',
] as const;
export type CaptureCount = (typeof captureCounts)[number];

// ---- What sends us calls, as its administrator looks for it ----------------------------------------------------------

/** A trunk, a recorder client, a proxy with rtpengine, a stream's sender, whoever hands in files. */
export interface SourceIdentity {
  readonly source: CallSource;
  /** As in `ringing`. */
  readonly sourceName: string;
}

/** Why something was turned away, for people. */
export interface SourceRefusal {
  /** kebab-case. */
  readonly reason: string;
  /** One sentence: what to change on the sender, or here. */
  readonly remedy: string;
}

/** Told by every way in; sip/sources keeps it. Neither throws. */
export interface SourceNotes {
  /** Something came from there that we understood. `address`: IP and port. */
  seen(source: SourceIdentity, address: string): void;
  refused(source: SourceIdentity, address: string, refusal: SourceRefusal): void;
}

/** One message of a SIP dialog. Numbers, names and bodies are masked. */
export interface LadderMessage {
  readonly atEpochMs: number;
  readonly direction: 'received' | 'sent';
  /** IP and port of the other end. */
  readonly peer: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** `INVITE`, `200 OK` ... */
  readonly summary: string;
  readonly text: string;
}

export interface SourceState extends SourceIdentity {
  readonly firstSeenEpochMs: number;
  readonly lastSeenEpochMs: number;
  /** The latest addresses that it came from, the newest first; eight at the most. */
  readonly addresses: readonly string[];
  readonly callsNow: number;
  /** Since `sinceEpochMs`. */
  readonly calls: number;
  readonly refused: readonly (SourceRefusal & { readonly count: number; readonly lastEpochMs: number })[];
  /**
   * Its last call by SIP, or what was to become one, both legs where we put it through; empty where it speaks no SIP with
   * us. Masked when it is read, which takes its time: read it of whom you show.
   */
  readonly ladder: readonly LadderMessage[];
  /** The last of its calls that was answered, and so had media; null before. */
  readonly lastCallId: string | null;
}

export interface SourceBook extends SourceNotes {
  /** When the book was opened: the start of the server. */
  readonly sinceEpochMs: number;
  /** By when they were last seen, the newest first. Bounded: of a thousand senders the oldest without calls go. */
  list(): readonly SourceState[];
}
