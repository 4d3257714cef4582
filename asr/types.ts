import type { ChannelSide } from '#sip/types.ts';

/** What asr/ tells the stages after it. From here on positions are ms on the call's timeline. NOT yet redacted. */

export interface Word {
  /** As shown, punctuation attached: `Hello,`. */
  readonly text: string;
  /** As said, of words that stand together as people write them (`4:30` is `four thirty`); absent where that is the same. */
  readonly spoken?: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0..1, near enough to the probability that the word is right. */
  readonly confidence: number;
  /** On a stream that several people share: `1`, `2` ... in the order in which they first spoke. Else absent. */
  readonly speaker?: string;
}

/** What people write otherwise than they say it, by the way it is written. */
export const writtenKinds = [
  'number',
  'ordinal',
  'digits',
  'letters',
  'code',
  'money',
  'measure',
  'date',
  'time',
  'telephone',
  'email',
  'url',
] as const;
export type WrittenKind = (typeof writtenKinds)[number];

/** The words `from` to `to - 1` of a final, as people write them: "four thirty p m" is `4:30 p.m.` */
export interface WrittenSpan {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly kind: WrittenKind;
}

/** One speaker of a stream that several share. Turns of one stream are in order of their start and may overlap. */
export interface SpeakerTurn {
  readonly startMs: number;
  readonly endMs: number;
  /** As in `Word.speaker`. */
  readonly speaker: string;
}

/** What is heard on a channel besides words. */
export const soundKinds = ['music', 'ringback', 'busy', 'fax', 'beep', 'echo'] as const;
export type SoundKind = (typeof soundKinds)[number];

/** Seconds of one channel from `startMs` on, a value each: what later stages reckon with. null: not measurable there. */
export interface SoundLevels {
  readonly startMs: number;
  readonly stepMs: 1000;
  /** RMS in dBFS of the whole second. */
  readonly levelDbfs: readonly number[];
  /** Median fundamental frequency of its voiced frames. */
  readonly pitchHz: readonly (number | null)[];
  /** Share of the second in which somebody speaks, by the voice activity detector. */
  readonly speech: readonly number[];
  /** Speech over the noise floor around it. */
  readonly snrDb: readonly (number | null)[];
}

/**
 * How far the recognition of a side has given way to the load: partials further apart than 0.7 s; none; finals later than
 * 1.5 s; the whole call waits, kept on disk where memory is full, until there is time, after its end at the latest.
 */
export const degradedSteps = ['none', 'fewer-partials', 'no-partials', 'late-finals', 'waiting'] as const;
export type DegradedStep = (typeof degradedSteps)[number];

/**
 * The end of a stretch that has no known end: recognition is off (`asr.processes: 0`), or is being closed while a call
 * goes on. Then `unheard` and `finished` come with this as their `endMs`, and nothing of the side after them.
 */
export const endlessMs = 2 ** 40;

/**
 * Per call and side, in order. Segments never overlap on one side; a segment's partials come before its final, and its
 * final (or `no-words`) before any `progress` past its end.
 */
export type AsrEvent =
  /** The words of an open segment that are steady enough to show: all of them each time, not a difference. */
  | {
      readonly type: 'partial';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly segmentId: string;
      readonly words: readonly Word[];
    }
  | {
      readonly type: 'final';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly segmentId: string;
      readonly startMs: number;
      readonly endMs: number;
      /** As spoken. */
      readonly text: string;
      readonly words: readonly Word[];
      readonly confidence: number;
      /** BCP 47. */
      readonly language: string;
      /** In order, without overlap. Absent: written as spoken. */
      readonly written?: readonly WrittenSpan[];
    }
  /** Speech was there by the VAD, but no text came of it (redaction must know: it may have been a digit). */
  | {
      readonly type: 'no-words';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly segmentId: string;
      readonly startMs: number;
      readonly endMs: number;
    }
  /**
   * Everything on this side before `decidedMs` is final. It lags real time by a few hundred ms in silence and stands at
   * the start of an open segment while somebody speaks. Comes at least every 500 ms of audio.
   */
  | {
      readonly type: 'progress';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly decidedMs: number;
      readonly heardMs: number;
    }
  /** Audio that recognition will never see (overload past the bound, or lost with a dead process). */
  | {
      readonly type: 'unheard';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly startMs: number;
      readonly endMs: number;
    }
  /**
   * Who speaks when on a stream that several share, from its beginning: each time all that is known, earlier turns
   * relabelled where more has been heard since. `settled`: the side has ended and nothing of it changes any more; comes
   * before its `finished`.
   */
  | {
      readonly type: 'speakers';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly turns: readonly SpeakerTurn[];
      readonly settled: boolean;
    }
  /**
   * Something other than speech, once it is over (or the side is). `echo`: speech of another side that is heard on this
   * one too; it has no words here.
   */
  | {
      readonly type: 'sound';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly kind: SoundKind;
      readonly startMs: number;
      readonly endMs: number;
    }
  /** The next seconds of a side, ten or so at a time, and the rest before its `finished`. */
  | { readonly type: 'levels'; readonly callId: string; readonly side: ChannelSide; readonly levels: SoundLevels }
  /** The step that holds on this side from `atMs`, its sound received so far, on. Before the first: `none`. */
  | {
      readonly type: 'degraded';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly step: DegradedStep;
      readonly atMs: number;
    }
  /**
   * The side carries the same sound as `of`, where its words are (a fault of the PBX: both legs are given the mix).
   * Once a side, within seconds; `atMs` is where it was noticed first.
   */
  | {
      readonly type: 'identical';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly of: ChannelSide;
      readonly atMs: number;
    }
  /** The side's audio has ended and all of it is decided. The last event of a side. */
  | { readonly type: 'finished'; readonly callId: string; readonly side: ChannelSide; readonly endMs: number };

/** What is known of a call before it is heard. */
export interface CallHints {
  /** Names and terms that are likelier in this call than elsewhere, as they are written; the likeliest first. */
  readonly phrases?: readonly string[];
  /** BCP 47: what is spoken on it. */
  readonly language?: string;
  /** On single sides of it. */
  readonly sideLanguages?: Readonly<Partial<Record<ChannelSide, string>>>;
}

export interface Recogniser {
  /** Recognition of these sides of a call; its audio comes by the feed. Throws nothing: trouble comes as `unheard`. */
  open(callId: string, sides: readonly ChannelSide[], hints?: CallHints): void;
  /**
   * A side more, whose sound begins at `fromMs`: before it nothing is told of it. Nothing where it is open already. Of a
   * call whose other sides have all ended, it goes on with this one.
   */
  addSide(callId: string, side: ChannelSide, fromMs: number): void;
  /** Forgets a call in the middle (deleted, or `record: none`). */
  abandon(callId: string): void;
  subscribe(listener: (event: AsrEvent) => void): () => void;
  status(): RecogniserStatus;
  readonly models: Models;
  close(): Promise<void>;
}

/** A stretch of one side's recorded sound, to be recognised again. */
export interface SoundPiece {
  /** 8 kHz mono. */
  readonly pcm: Int16Array;
  /** BCP 47: what is spoken in it. */
  readonly language: string;
  readonly phrases?: readonly string[];
}

/** Positions are ms from the start of the piece. */
export interface PieceText {
  readonly words: readonly Word[];
  /** Over `words`, in order, without overlap. */
  readonly written: readonly WrittenSpan[];
  readonly confidence: number;
  /** BCP 47. */
  readonly language: string;
}

/** Recognises what is over and done with: no hurry, and a model of its own. */
export interface SecondRecogniser {
  /**
   * In the order of the pieces; null where nothing was heard. Loads the model first where it is not.
   * @throws SidetoneError `model-missing`, `model-broken`, `engine-missing`, `endpoint-failed`, `asr-process-lost`,
   *   `server-draining`
   */
  recognise(pieces: readonly SoundPiece[]): Promise<readonly (PieceText | null)[]>;
  /** The configuration's word for it. */
  readonly model: string;
  close(): Promise<void>;
}

export interface Models {
  /** What can be chosen here, then what `sidetone models pull` knows of. */
  list(): Promise<readonly KnownModel[]>;
  /**
   * Recognises with another model from now on, calls under way included, and after the next start too. One that cannot be
   * loaded leaves the old one in use.
   * @throws SidetoneError `model-missing`, `model-broken` (with the reason), `conflict` (another change is under way, or
   *   recognition is off)
   */
  use(name: string): Promise<void>;
}

export interface KnownModel {
  readonly name: string;
  readonly inUse: boolean;
  /** It can be used now; else it has to be pulled first. */
  readonly isHere: boolean;
  /** BCP 47; empty where nobody has said. */
  readonly languages: readonly string[];
  readonly licence: string | null;
  /** Where it comes from. */
  readonly source: string | null;
  /** Of what has to be downloaded, about. */
  readonly downloadBytes: number | null;
}

export interface RecogniserStatus {
  readonly model: string;
  /** False until at least one process has loaded the model. */
  readonly ready: boolean;
  readonly processes: number;
  readonly restarts: number;
  readonly openCalls: number;
  /** ms from the end of speech to the final text, of the last minute; null while there was none. */
  readonly finalDelayP95Ms: number | null;
}

// ---- Whose voice it is ------------------------------------------------------------------------------------------------

/** What is kept of a voice. Made of sound that can be deleted afterwards, which cannot be made of it again. */
export interface Voiceprint {
  /** Of length 1. */
  readonly vector: Float32Array;
  /** A vector of one model says nothing to another. */
  readonly modelId: string;
  /** That went into it, pauses left out. */
  readonly speechS: number;
}

export interface Verification {
  /** Cosine between voiceprint and voice, -1..1. */
  readonly score: number;
  /** That it is the same speaker, where as many are as are not. */
  readonly probability: number;
  readonly decision: 'same' | 'other' | 'unsure';
  /** Of the voice that was held against the voiceprint. */
  readonly speechS: number;
}

/** Sound: 8 kHz mono, of one speaker alone; pauses may be in it. */
export interface VoiceVerifier {
  /** @throws SidetoneError `too-little-speech` */
  enrol(recordings: readonly Int16Array[]): Promise<Voiceprint>;
  /** A voice as it is heard, to be held against any number of voiceprints. @throws SidetoneError `too-little-speech` */
  hear(pcm: Int16Array): Promise<Voiceprint>;
  /** @throws SidetoneError `conflict`: one is of another speaker model */
  compare(voiceprint: Voiceprint, voice: Voiceprint): Verification;
}
