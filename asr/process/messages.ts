import type { ChannelSide } from '#sip/types.ts';
import type { SoundFact } from '../sound/channel-sound.ts';
import type { DegradedStep, WrittenSpan } from '../types.ts';
import type { SpeakerSettings } from '../speakers/open.ts';
import type { HeardVoice } from '../speakers/diarization/heard-voices.ts';
import type { SpokenTurn } from '../speakers/diarization/stream-speakers.ts';
import type { EngineSettings } from '../engines/by-language.ts';

/**
 * What a recogniser process and its parent say to each other over Node's IPC channel. Positions are samples at 8 kHz on
 * the call's timeline. An `epoch` numbers the times a call was handed to some process: what comes late from an earlier
 * one is known by it.
 */
export type ParentMessage =
  | {
      readonly type: 'start';
      readonly socketPath: string;
      readonly waiting: WaitingSettings;
      readonly engine: EngineSettings;
      readonly speakers: SpeakerSettings;
    }
  | {
      readonly type: 'open';
      readonly callId: string;
      readonly epoch: number;
      readonly sides: readonly SideStart[];
      /** Names and terms of the call, the likeliest first. */
      readonly phrases?: readonly string[];
    }
  /** A side more; of a call that has come to its end, or of one to come, it is the only one. */
  | {
      readonly type: 'add-side';
      readonly callId: string;
      readonly epoch: number;
      readonly start: SideStart;
      readonly phrases?: readonly string[];
    }
  | { readonly type: 'abandon'; readonly callId: string }
  /** Decide all that has been heard, then exit. */
  | { readonly type: 'close' };

/** How much audio of one process may wait. */
export interface WaitingSettings {
  readonly memoryS: number;
  readonly spoolFolder: string;
  readonly spoolBytes: number;
}

/** Where the recognition of a side begins: its first sample, and the number of its first segment. */
export interface SideStart {
  readonly side: ChannelSide;
  readonly fromSample: number;
  readonly nextSegment: number;
  /** BCP 47, where somebody has said what is spoken. */
  readonly language?: string;
}

export type ChildMessage =
  /** The socket takes connections. */
  | { readonly type: 'listening' }
  /** The models are loaded: audio is being recognised. */
  | { readonly type: 'ready'; readonly model: string; readonly loadMs: number }
  /** The answer to `open` and to `add-side`: audio of all sides told of until then is taken, of others it is not. */
  | { readonly type: 'opened'; readonly callId: string; readonly epoch: number }
  | { readonly type: 'load'; readonly report: LoadReport }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'speech'; readonly callId: string; readonly epoch: number; readonly event: SpeechEvent };

/** Comes once a second; a process that is silent for long is taken for dead. Counts are since the last report. */
export interface LoadReport {
  readonly channels: number;
  /** Share of the time that was spent in models. */
  readonly busy: number;
  readonly heardS: number;
  readonly finals: number;
  readonly partials: number;
  readonly malformedFrames: number;
  /** Between two partials of one channel, by the load. */
  readonly partialIntervalMs: number;
  /** Audio received and not yet looked at, of the channel that is furthest behind. */
  readonly backlogMs: number;
  /** Of all calls but those that wait altogether. */
  readonly step: DegradedStep;
  readonly waitingCalls: number;
  /** Of audio that waits on disk. */
  readonly spooledBytes: number;
  /** Audio for which there was no room. */
  readonly droppedS: number;
}

export interface SpeechWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
  readonly confidence: number;
  /** As in `SpokenTurn`, where a final's speakers are told apart. */
  readonly speaker?: string;
}

/** In order for each side. `index` counts the segments of a side. */
export type SpeechEvent =
  | {
      readonly type: 'partial';
      readonly side: ChannelSide;
      readonly index: number;
      readonly words: readonly SpeechWord[];
    }
  | {
      readonly type: 'final';
      readonly side: ChannelSide;
      readonly index: number;
      readonly startSample: number;
      readonly endSample: number;
      readonly text: string;
      readonly words: readonly SpeechWord[];
      readonly confidence: number;
      readonly language: string;
      readonly written?: readonly WrittenSpan[];
      /** From the arrival of the last speech to this event. */
      readonly delayMs: number;
    }
  | {
      readonly type: 'no-words';
      readonly side: ChannelSide;
      readonly index: number;
      readonly startSample: number;
      readonly endSample: number;
    }
  | {
      readonly type: 'progress';
      readonly side: ChannelSide;
      readonly decidedSample: number;
      readonly heardSample: number;
    }
  | { readonly type: 'unheard'; readonly side: ChannelSide; readonly startSample: number; readonly endSample: number }
  /**
   * All turns that this process knows, from where it began with the side, and the voices of its speakers in their order,
   * by which the parent knows them again after another process: `sameVoice` alike or more, they are one. `settled`:
   * nothing changes any more.
   */
  | {
      readonly type: 'speakers';
      readonly side: ChannelSide;
      readonly turns: readonly SpokenTurn[];
      readonly voices: readonly HeardVoice[];
      readonly sameVoice: number;
      readonly settled: boolean;
    }
  /** What is heard besides words, once it is over, and the levels of the seconds that are. */
  | (SoundFact & { readonly side: ChannelSide })
  /** From `startSample` on the side carries what `of` carries. Once a side. */
  | { readonly type: 'identical'; readonly side: ChannelSide; readonly of: ChannelSide; readonly startSample: number }
  /** `sample`: the end of what has been received. */
  | { readonly type: 'degraded'; readonly side: ChannelSide; readonly step: DegradedStep; readonly sample: number }
  | { readonly type: 'finished'; readonly side: ChannelSide; readonly endSample: number };
