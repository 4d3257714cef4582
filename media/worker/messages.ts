import type { PauseCodes } from '#lib/key-codes.ts';
import type {
  ChannelSide,
  ForkStreamSettings,
  LegMediaSettings,
  LegPorts,
  PcmStreamFormat,
  RecordPolicy,
  TalkSide,
} from '#sip/types.ts';
import type { FromSample } from '../feed/call-feed.ts';
import type { WrittenRecording } from '../recording/recorder.ts';
import type { MediaEvent, RecordingReport, SampleRange } from '../types.ts';
import type { RpcReply, RpcRequest } from './rpc.ts';

/** What a media worker is started with. */
export interface MediaWorkerSettings {
  readonly bindAddress: string;
  readonly firstPort: number;
  readonly lastPort: number;
  /** The pair to lend first: past those that a predecessor lent, so that they rest. */
  readonly startAtPort: number;
  readonly quarantineMs: number;
  readonly rtpTimeoutMs: number;
  /** A copy's stream that is silent for so long is told of. */
  readonly silentAfterMs: number;
  /** Keys that pause and resume; undefined: nobody looks for any. */
  readonly pauseCodes: PauseCodes | undefined;
  readonly memorySamples: number;
  readonly dataDir: string;
  /** False where recognition is off: then no audio is kept for it. */
  readonly recognised: boolean;
}

/** Requests from the main thread to a media worker. */
export type MediaWorkerContract = {
  readonly open: {
    readonly args: { readonly callId: string; readonly record: RecordPolicy };
    readonly result: Readonly<Record<TalkSide, LegPorts>>;
  };
  readonly openFork: {
    readonly args: { readonly callId: string; readonly record: RecordPolicy; readonly fileEpochMs: number | undefined };
    readonly result: void;
  };
  readonly addRtp: {
    readonly args: { readonly callId: string; readonly side: ChannelSide };
    readonly result: LegPorts;
  };
  readonly addPcm: {
    readonly args: { readonly callId: string; readonly side: ChannelSide; readonly format: PcmStreamFormat };
    readonly result: void;
  };
  readonly addPackets: {
    readonly args: {
      readonly callId: string;
      readonly side: ChannelSide;
      readonly formats: ForkStreamSettings['formats'];
    };
    readonly result: void;
  };
  /** Answered once the call holds less than so many samples in memory. */
  readonly room: { readonly args: { readonly callId: string; readonly samples: number }; readonly result: void };
  readonly close: { readonly args: { readonly callId: string }; readonly result: void };
  /** Null when the call is not (or no longer) recorded here. */
  readonly redactLive: {
    readonly args: { readonly callId: string; readonly silence: readonly SampleRange[] };
    readonly result: LiveRecording | null;
  };
  /** Ends all calls and closes what they recorded. */
  readonly shutdown: { readonly args: null; readonly result: void };
};

/** One-way, in order with the requests. */
export type MediaCommand =
  | {
      readonly command: 'update';
      readonly callId: string;
      readonly side: TalkSide;
      readonly settings: LegMediaSettings;
    }
  | {
      readonly command: 'update-stream';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly settings: ForkStreamSettings;
    }
  | { readonly command: 'close-stream'; readonly callId: string; readonly side: ChannelSide }
  | { readonly command: 'pcm'; readonly callId: string; readonly side: ChannelSide; readonly bytes: Uint8Array }
  | { readonly command: 'pcm-gap'; readonly callId: string; readonly side: ChannelSide; readonly ms: number }
  | {
      readonly command: 'packet';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly bytes: Uint8Array;
      readonly atMs: number;
    }
  | {
      readonly command: 'captured-hold';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly holding: boolean;
      readonly atMs: number;
    }
  | {
      readonly command: 'captured-key';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly durationMs: number;
      readonly atMs: number;
    }
  | { readonly command: 'digit'; readonly callId: string; readonly side: ChannelSide; readonly durationMs: number }
  | { readonly command: 'pause'; readonly callId: string; readonly paused: boolean }
  | {
      readonly command: 'attach';
      readonly callId: string;
      readonly socketPath: string;
      readonly fromSample: FromSample;
    }
  | { readonly command: 'decided'; readonly callId: string; readonly side: ChannelSide; readonly sample: number }
  | {
      readonly command: 'release';
      readonly callId: string;
      readonly untilSample: number;
      readonly silence: readonly SampleRange[];
      readonly unheard: readonly SampleRange[];
    }
  | { readonly command: 'finish'; readonly callId: string };

export interface LiveRecording extends WrittenRecording {
  /** Relative to the data directory. */
  readonly path: string;
}

export type MediaWorkerEvent =
  | Exclude<MediaEvent, { readonly type: 'recording-finished' }>
  /** The file is closed and waits to be sealed; null: there is none. */
  | { readonly type: 'recording-written'; readonly callId: string; readonly recording: LiveRecording | null }
  /** Somebody pressed the code that pauses, or the one that resumes. */
  | { readonly type: 'pause-code'; readonly callId: string; readonly paused: boolean }
  | { readonly type: 'rtp-timeout'; readonly callId: string }
  /** A fault of ours in this call alone: its streams are over. `isLost`: its audio too, and nothing more is told of it. */
  | { readonly type: 'call-failed'; readonly callId: string; readonly err: Error; readonly isLost: boolean };

/** Totals since the worker began, and the present state. */
export interface MediaCounters {
  packets: number;
  relayed: number;
  malformed: number;
  strangers: number;
  duplicates: number;
  late: number;
  rtcp: number;
  filledSamples: number;
  droppedSamples: number;
  audioDroppedSamples: number;
  bindFailures: number;
  portsExhausted: number;
  recordingFailures: number;
  feedsLost: number;
  callsFailed: number;
  calls: number;
  portsLent: number;
  memorySamples: number;
}

export type ToMediaWorker = RpcRequest | ({ readonly kind: 'command' } & MediaCommand);
export type FromMediaWorker =
  | RpcReply
  | { readonly kind: 'event'; readonly event: MediaWorkerEvent }
  | { readonly kind: 'counters'; readonly counters: MediaCounters };

/** Requests from the main thread to the files thread. */
export type FilesContract = {
  readonly seal: { readonly args: LiveRecording; readonly result: RecordingReport };
  readonly sealUnfinished: {
    readonly args: { readonly path: string; readonly failure: string };
    readonly result: RecordingReport;
  };
  readonly redact: {
    readonly args: { readonly callId: string; readonly silence: readonly SampleRange[] };
    readonly result: RecordingReport;
  };
  readonly remove: { readonly args: { readonly callId: string }; readonly result: void };
};
