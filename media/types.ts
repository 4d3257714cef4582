import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ChannelSide } from '#sip/types.ts';

/**
 * What media/ tells the stages after it, and the handles they steer it by. All positions are samples at 8 kHz on the
 * call's timeline: sample 0 is the first media packet on either leg, both channels on one clock, no gaps.
 */
export const sampleRateHz = 8000;
export const samplesPerMs = sampleRateHz / 1000;

export function samplesToMs(samples: number): number {
  return Math.round(samples / samplesPerMs);
}
export function msToSamples(ms: number): number {
  return Math.round(ms * samplesPerMs);
}

/** Per call, in order: started first, ended last. Emitted on the main thread. */
export type MediaEvent =
  | {
      readonly type: 'media-started';
      readonly callId: string;
      readonly atEpochMs: number;
      /** The channels of the timeline at its start. */
      readonly sides: readonly ChannelSide[];
    }
  /** A channel more, which has sound from `sample` on. */
  | { readonly type: 'side-added'; readonly callId: string; readonly side: ChannelSide; readonly sample: number }
  /** From here on all channels are silent because somebody wanted it so, or no longer. */
  | { readonly type: 'paused'; readonly callId: string; readonly sample: number }
  | { readonly type: 'resumed'; readonly callId: string; readonly sample: number }
  /** One run of keys by RFC 4733 or SIP INFO: from the first onset to the last end. Neither digits nor their count. */
  | {
      readonly type: 'dtmf';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly startSample: number;
      readonly endSample: number;
    }
  | {
      readonly type: 'hold';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly sample: number;
      readonly holding: boolean;
    }
  /**
   * No sound for `assurance.silentAfterS` on one stream that is not held (`sip.rtpTimeoutS` where its sender has said that
   * it leaves out silence), and its return.
   */
  | {
      readonly type: 'stream-silent' | 'stream-resumed';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly sample: number;
    }
  | {
      readonly type: 'media-ended';
      readonly callId: string;
      readonly endSample: number;
      /** One a channel that the timeline ever had. */
      readonly streams: SideReports;
    }
  /** The recording file is complete and closed; comes after `RecordingControl.finish`. */
  | { readonly type: 'recording-finished'; readonly callId: string; readonly recording: RecordingReport }
  /** Samples that could not be kept because recognition was behind past the memory bound; both channels. */
  | {
      readonly type: 'audio-dropped';
      readonly callId: string;
      readonly startSample: number;
      readonly endSample: number;
      readonly reason: 'behind' | 'disk-full';
    };

export type SideReports = Readonly<Partial<Record<ChannelSide, StreamReport>>>;

export interface StreamReport {
  readonly packets: number;
  readonly lostPackets: number;
  readonly duplicatePackets: number;
  readonly latePackets: number;
  readonly malformedPackets: number;
  /** From a source that the source rule refuses. */
  readonly strangerPackets: number;
  readonly filledSamples: number;
  readonly droppedSamples: number;
  /** Of the timeline: where its sound begins, and ends; null where none came (or none was decoded). */
  readonly firstSample: number | null;
  readonly endSample: number | null;
  /** Of what came: -50 dBFS or less. */
  readonly quietSamples: number;
  /** Holes of 200 ms and more between its beginning and its end. */
  readonly gaps: number;
  /** Interarrival jitter, RFC 3550 section 6.4.1, in ms: mean and maximum over the call. */
  readonly jitterMeanMs: number;
  readonly jitterMaxMs: number;
  /** From the far end's RTCP, null when it sent none. */
  readonly farLossFraction: number | null;
  readonly roundTripMs: number | null;
  /** Listening quality of what was received, 1 to 4.5 (ITU-T G.107, media/quality/mos.ts); null without RTP. */
  readonly mos: number | null;
}

export interface RecordingReport {
  /** Relative to the data directory; null when nothing was to be kept (`record: none`) or the disk refused it. */
  readonly path: string | null;
  readonly peaksPath: string | null;
  readonly samples: number;
  readonly bytes: number;
  readonly sha256: string | null;
  /** Stretches that are silent because they were redacted or never recognised, and those written unredacted. */
  readonly silenced: readonly SampleRange[];
  readonly unredacted: readonly SampleRange[];
  readonly failure: string | null;
}

export interface SampleRange {
  readonly startSample: number;
  readonly endSample: number;
}

/** Steers the feed of PCM from media workers to recogniser processes. media/ implements it; asr/ is handed it. */
export interface AudioFeedControl {
  /**
   * Sends all channels of a call, those named from the given samples on, to the recogniser listening on a Unix socket (frames:
   * lib/audio-feed.ts). Audio from `fromSample` that is still in memory is sent again at once; what is no longer there
   * is skipped. Attaching again moves the feed (the old process died).
   */
  attach(callId: string, socketPath: string, fromSample: Readonly<Partial<Record<ChannelSide, number>>>): void;
  /** Audio before `sample` is recognised for good and need not be kept for recognition. */
  decided(callId: string, side: ChannelSide, sample: number): void;
}

/** Steers the recording behind the released-until mark (redaction.md). media/ implements it; analytics/ is handed it. */
export interface RecordingControl {
  /**
   * Moves the mark: samples before `untilSample` may be written, zeroed on both channels within `silence`. Never moves
   * back. Samples that were never recognised (`unheard`, wherever they lie), or pass the memory bound before they are
   * released, are written as silence (`redacted-only`) or in clear and reported as unredacted (`all`).
   */
  release(callId: string, untilSample: number, silence: readonly SampleRange[], unheard: readonly SampleRange[]): void;
  /** Everything is released: write the rest, close the file, make the report (event `recording-finished`). */
  finish(callId: string): void;
  /**
   * Late redaction of a recording, live or closed: zeroes the ranges on both channels in the file, and the peaks with
   * them. Resolves with the new report when the bytes are on disk.
   * @throws SidetoneError `not-found`
   */
  redactLate(callId: string, silence: readonly SampleRange[]): Promise<RecordingReport>;
  /** Removes a closed recording and its peaks. */
  remove(callId: string): Promise<void>;
}

// ---- Calls out of files: media/files reads them, db/ keeps the ledger, dashboards/ has the route ---------------------

/** What somebody handed in to become one call, or, of a capture, the calls that are in it. */
export interface IngestUpload {
  /**
   * One file, or the two sides of one call in a mono file each. The paths lie in `Ingest.spoolDir`; the files are handed
   * over and removed in the end. `name`: as its sender called it, for people to read.
   */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** The caller is right instead of left, or in the second file instead of the first. */
  readonly swap: boolean;
  /** When the recorded call began; null: now. A capture knows by itself. */
  readonly startedAtEpochMs: number | null;
  /** Whose calls these are: becomes `sourceName`. */
  readonly sourceName: string;
  /** Kept with the entry, for the audit log; null or left out: nobody is to be named. */
  readonly handedInBy?: HandedIn | null;
  /** Names and terms that are likelier in its calls. */
  readonly phrases?: readonly string[];
}

/** Who handed a file in, as the audit log names them. media/files carries it and reads nothing in it. */
export interface HandedIn {
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string };
  readonly address: string;
  /** Whom the client said it asks for, which nobody has verified. */
  readonly onBehalfOf: string | null;
}

export const ingestStates = ['waiting', 'running', 'done', 'failed'] as const;
export type IngestState = (typeof ingestStates)[number];

/** What became of one content. Frozen; each change is a new one. */
export interface IngestEntry {
  /** Of the file's bytes; of a pair, of both hashes. Hexadecimal. */
  readonly sha256: string;
  readonly names: readonly string[];
  readonly bytes: number;
  /** In `Ingest.spoolDir`, the names of the files alone. */
  readonly spooled: readonly string[];
  readonly swap: boolean;
  readonly startedAtEpochMs: number;
  readonly sourceName: string;
  readonly callIds: readonly string[];
  readonly takenEpochMs: number;
  readonly state: IngestState;
  /** Of sound: all, and what has been played into its calls; recognition is about a minute behind at the most. */
  readonly durationMs: number;
  readonly doneMs: number;
  /** Hours of sound in an hour, as of now or of the end; null before it began. */
  readonly hoursPerHour: number | null;
  /** Why it failed; null otherwise. */
  readonly fault: string | null;
  readonly handedInBy: HandedIn | null;
  readonly phrases: readonly string[];
}

/** Keeps what was taken, by content. db/ implements it; media/files is handed it. */
export interface IngestLedger {
  /** Undefined also for content whose calls have all been removed since. */
  find(sha256: string): Promise<IngestEntry | undefined>;
  /** Those that wait or run, the oldest first. */
  unfinished(): Promise<readonly IngestEntry[]>;
  /** Inserts, or replaces the entry of this content. */
  save(entry: IngestEntry): Promise<void>;
}

/** Turns files into calls. media/files implements it; dashboards/ is handed it. */
export interface Ingest {
  /** Where uploads are to be written, under names of the writer's choice (mode 0700). */
  readonly spoolDir: string;
  /**
   * Reads the file through, and has it wait its turn. `isNew` is false for content that was taken before: its calls
   * stand, nothing is done. Throws before any call is begun, and removes the files.
   * @throws SidetoneError `unsupported-audio` with the place of the fault, `bad-request`, `server-draining`
   */
  take(upload: IngestUpload): Promise<{ readonly entry: IngestEntry; readonly isNew: boolean }>;
  /** As of now. */
  find(sha256: string): Promise<IngestEntry | undefined>;
  subscribe(listener: (entry: IngestEntry) => void): () => void;
}

// ---- Sound that comes by sockets: media/streams takes it, dashboards/ lets it in --------------------------------------

/** Who opens a WebSocket on /api/v1/streams, once they have been let in. */
export interface StreamSender {
  /** For `sourceName`: the name of the key or user, else the address that it comes from. */
  readonly name: string;
  /** The IP address of the client. */
  readonly address: string;
}

/** What a sender says of one who takes part. */
export interface StreamPerson {
  readonly uri: string | null;
  readonly displayName: string | null;
}
export interface StreamPeople {
  readonly caller: StreamPerson | null;
  readonly callee: StreamPerson | null;
}

/** Two AudioSockets that are told of before they come. */
export interface StreamPair {
  /** Default: a new one. */
  readonly callId?: string | undefined;
  /** UUIDs as their sockets give them. */
  readonly caller: string;
  readonly callee: string;
  /** Whose call it is to the administrator, as in `ringing`. */
  readonly sourceName: string;
  readonly people?: StreamPeople | undefined;
  /** What else the PBX calls the call. */
  readonly sipCallIds?: readonly string[] | undefined;
}

export interface StreamIntake {
  /**
   * The request is admitted and on record. Answers the handshake, or refuses it by HTTP; the socket is its own from here
   * on. Never throws.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, sender: StreamSender): void;
  /** Good for ten minutes and one call. Registered anew, the last counts. */
  registerPair(pair: StreamPair): void;
}
