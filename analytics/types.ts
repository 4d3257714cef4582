import type { Voiceprint, Word } from '#asr/types.ts';
import type { RecordingReport, SideReports } from '#media/types.ts';
import type {
  CallSource,
  CallState,
  ChannelSide,
  Party,
  PartyRole,
  PartySide,
  RecordPolicy,
  Termination,
} from '#sip/types.ts';

/**
 * What analytics/ stores and shows. Everything here is redacted: text and audio past the released-until mark never
 * leave analytics/redaction. Times are ms on the call's timeline; `...At` are ISO 8601 UTC.
 */

export const redactionKinds = ['card', 'cvv', 'pin', 'expiry', 'digits', 'dtmf', 'unheard'] as const;
export type RedactionKind = (typeof redactionKinds)[number];

export interface Call {
  readonly callId: string;
  readonly state: CallState;
  readonly startedAt: string;
  readonly mediaStartedAt: string | null;
  readonly answeredAt: string | null;
  readonly endedAt: string | null;
  /** From answer to end (ringing calls: null). */
  readonly durationMs: number | null;
  /** Answer on the media timeline, from which metrics and rule windows count. */
  readonly answeredMs: number | null;
  readonly source: CallSource;
  readonly sipCallIds: readonly string[];
  readonly parties: readonly Party[];
  readonly headers: Readonly<Record<string, string>>;
  readonly record: RecordPolicy;
  /** As in `assurance.verdict`; `pending` until that is known. */
  readonly completeness: AssuranceVerdict | 'pending';
  /** What was expected of the call's sound and what came; null until the call is over. */
  readonly assurance: Assurance | null;
  /** Stretches that nobody was to hear, in the order of their beginning; the last may be open. */
  readonly pauses: readonly CallPause[];
  /** Whose call it is to the administrator: a trunk's name, a recorder client's address, who handed in the file. */
  readonly sourceName: string;
  /** Somebody found caller and callee the wrong way round: `parties`, rows and figures say it right, the recording's channels stand the other way (left callee, right caller). */
  readonly sidesSwapped: boolean;
  readonly notes: readonly CallNote[];
  readonly termination: Termination | null;
  readonly streams: SideReports | null;
}

export interface CallPause {
  readonly fromMs: number;
  /** Null while it lasts. */
  readonly toMs: number | null;
  /** A user's or key's name, `siprec`, `dtmf`, `info` ... */
  readonly by: string;
}

export const assuranceVerdicts = ['complete', 'partial', 'missing', 'excluded'] as const;
/** `missing`: sound was to be kept and none is there. `excluded`: by choice, or there was nothing to keep. */
export type AssuranceVerdict = (typeof assuranceVerdicts)[number];

/** Why a verdict is what it is; the worst stands for the whole. Each is explained in docs/assurance.md. */
export const assuranceReasons = [
  'all-there',
  /** excluded: */
  'record-none',
  'not-answered',
  'paused-throughout',
  /** missing: */
  'nothing-came',
  'nothing-decoded',
  'recording-failed',
  /** partial: */
  'stream-never-came',
  'stream-silent',
  'stream-began-late',
  'stream-ended-early',
  'stream-gaps',
  'stream-not-taken',
  'packets-lost',
  'audio-dropped',
  'not-recognised',
  'server-restarted',
  'rows-lost',
] as const;
export type AssuranceReason = (typeof assuranceReasons)[number];

/** What signalling led to expect of one stream, and what came of it. ms on the call's timeline. */
export interface StreamAssurance {
  readonly side: ChannelSide;
  /** From the answer, or from when its party joined, to the end, or when it left; without pauses and its own holds. */
  readonly expectedMs: number;
  /** Of that, how much lies between the first and the last of its sound, holes of 200 ms and more left out. */
  readonly heardMs: number;
  /** Of `heardMs`: -50 dBFS or less. */
  readonly silentMs: number;
  readonly verdict: AssuranceVerdict;
  readonly reason: AssuranceReason;
}

export interface Assurance {
  readonly verdict: AssuranceVerdict;
  readonly reason: AssuranceReason;
  readonly streams: readonly StreamAssurance[];
}

export interface CallNote {
  readonly atMs: number | null;
  /** kebab-case: `stream-silent`, `audio-dropped`, `unredacted`, `hold`, `resume` ... */
  readonly note: string;
  readonly detail: string;
  /** Of what lasted: `music`, `ringback`, `busy`, `fax`, `beep`, whose detail is the side on which it was heard. */
  readonly untilMs?: number;
}

export interface Utterance {
  readonly utteranceId: string;
  readonly callId: string;
  readonly side: PartySide;
  readonly partyId: string | null;
  /** Display name of who speaks: of the party, of the voice (`Speaker 1`), or what a voiceprint or a person says; else the side. */
  readonly speaker: string;
  readonly startMs: number;
  readonly endMs: number;
  /** `words` joined by single spaces, as people write it. Masked stretches read `[CARD]`, `[CVV]`, `[PIN]`, `[EXPIRY]`, `[DIGITS]`. */
  readonly text: string;
  readonly words: readonly Word[];
  readonly confidence: number;
  readonly language: string;
  /** -5..+5. */
  readonly sentiment: number;
  /** 1 at first; grows with each rewrite (late redaction, second pass, a person's correction). */
  readonly revision: number;
  /** Whose words these are; absent: those of the recogniser while the call ran. */
  readonly textBy?: Exclude<TextAuthor, 'recogniser'>;
  /** Of a stream whose speakers are told apart, or whose speaker is known by a voiceprint. */
  readonly voice?: Voice;
}

/** What the sound tells of who says an utterance. */
export interface Voice {
  /** `1`, `2` ... in the order in which they first spoke on that side; null where speakers are not told apart. */
  readonly label: string | null;
  /** Somebody else of the same stream speaks at the same time, somewhere in it. */
  readonly overlaps: boolean;
  /** What `speaker` says where no voiceprint and no person says otherwise. */
  readonly unnamed: string;
  /** The enrolled voice that it is; null: none is near enough, or nobody compared. */
  readonly match: VoiceMatch | null;
}

export interface VoiceMatch {
  readonly speakerId: string;
  /** 0..1: that it is this speaker, where as many are as are not. */
  readonly probability: number;
}

export const textAuthors = ['recogniser', 'second-pass', 'person'] as const;
export type TextAuthor = (typeof textAuthors)[number];

/** What stood in an utterance before a person or the second pass replaced it; redacted like all that is kept. */
export interface EarlierText extends Pick<
  Utterance,
  'utteranceId' | 'callId' | 'text' | 'words' | 'confidence' | 'language' | 'revision' | 'textBy'
> {
  readonly replacedAt: string;
}

export interface Redaction {
  readonly redactionId: string;
  readonly callId: string;
  readonly kind: RedactionKind;
  /** Where it was said or keyed; the sound is silenced on both channels. */
  readonly side: PartySide;
  readonly startMs: number;
  readonly endMs: number;
  /** kebab-case: `card-passage`, `digit-run`, `hold-expired`, `late`, `keys`, `not-recognised` ... */
  readonly reason: string;
}

export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export interface Finding {
  readonly findingId: string;
  readonly callId: string;
  readonly ruleId: string;
  readonly title: string;
  readonly severity: Severity;
  /** `said`: a phrase was there; `missing`: it was not when its window closed; `system`: raised by Sidetone itself. */
  readonly kind: 'said' | 'missing' | 'system';
  readonly side: PartySide | null;
  readonly startMs: number;
  readonly endMs: number;
  /** The redacted words that prove it; empty for `missing`. */
  readonly evidence: string;
  readonly utteranceIds: readonly string[];
}

/** design.md section 5. Windows count from answer to end. */
export interface CallMetrics {
  readonly callId: string;
  readonly durationMs: number;
  readonly talkMs: BySide<number>;
  readonly talkSpeedWpm: BySide<number | null>;
  readonly overtalkMs: number;
  readonly nonTalkMs: number;
  readonly holdMs: number;
  readonly interruptions: BySide<number>;
  /** The overlap that makes an interruption, stated with the figure. */
  readonly interruptionThresholdMs: number;
  readonly sentiment: BySide<SideSentiment>;
  /** Of streams whose speakers are told apart, by side and label; absent where there is none. */
  readonly speakers?: readonly SpeakerMetrics[];
  /** Of sides whose sound was measured; absent where none was. */
  readonly sound?: BySide<SideSound>;
}
/** docs/metrics.md says how each is made. */
export interface SideSound {
  /** 0 to 100, of each second of the timeline from its beginning; null where nothing is known. */
  readonly loudness: readonly (number | null)[];
  /** Medians over the seconds in which the side spoke; null where it did not, or nothing could be measured. */
  readonly snrDb: number | null;
  readonly pitchHz: number | null;
  /** Music that was heard on this side. */
  readonly musicMs: number;
}
export interface SpeakerMetrics {
  readonly side: ChannelSide;
  /** As in `Voice.label`. */
  readonly label: string;
  readonly talkMs: number;
  readonly talkSpeedWpm: number | null;
  readonly interruptions: number;
  readonly sentiment: SideSentiment;
}
/** Caller and callee always, but in a call of one mixed stream; others where they had a channel. */
export type BySide<Value> = Readonly<Partial<Record<ChannelSide, Value>>>;
export interface SideSentiment {
  /** Contact Lens: mean of the four quarter scores; null where the side said nothing. */
  readonly meanOfQuarters: number | null;
  /** Amazon Transcribe: mean over utterances. */
  readonly meanOfUtterances: number | null;
  readonly quarters: readonly (number | null)[];
}

/** One write to the store. Idempotent: applying it twice is applying it once, and order per call is kept. */
export type StoreOp =
  | { readonly op: 'call'; readonly call: Call }
  | { readonly op: 'utterance'; readonly utterance: Utterance }
  | { readonly op: 'redaction'; readonly redaction: Redaction }
  | { readonly op: 'finding'; readonly finding: Finding }
  | { readonly op: 'metrics'; readonly metrics: CallMetrics }
  | { readonly op: 'recording'; readonly callId: string; readonly recording: RecordingReport }
  /** Late redaction: the row is rewritten and the old row's pages cleaned; the journal forgets the old text too. */
  | { readonly op: 'rewrite-utterance'; readonly utterance: Utterance };

/** What analytics/ needs of db/. */
export interface CallStore {
  /**
   * Takes the op for good before it returns: it is in the journal on disk (survives kill -9) and goes to the database
   * in the next batch. Never throws; what overflows the journal's limit is counted and logged.
   */
  write(op: StoreOp): void;
}

/** What pages and API clients see live, over SSE. Redacted like everything here. */
export type LiveEvent =
  | { readonly type: 'call'; readonly call: Call }
  | {
      readonly type: 'partial';
      readonly callId: string;
      readonly side: ChannelSide;
      readonly segmentId: string;
      /** Words that may be shown now; empty: take the partial away. */
      readonly words: readonly Word[];
    }
  /** `segmentId` tells which partial it replaces; null for later pieces of a split segment. */
  | {
      readonly type: 'utterance';
      readonly callId: string;
      readonly segmentId: string | null;
      readonly utterance: Utterance;
    }
  | { readonly type: 'redaction'; readonly callId: string; readonly redaction: Redaction }
  | { readonly type: 'finding'; readonly callId: string; readonly finding: Finding }
  | { readonly type: 'metrics'; readonly callId: string; readonly metrics: CallMetrics }
  /** Everything of the call is stored; its recording, if any, can be fetched. The last event of a call. */
  | { readonly type: 'end'; readonly callId: string };

/** What dashboards/ asks of the running calls. */
export interface LiveCalls {
  /** Calls whose `end` has not come, newest first. */
  list(): readonly Call[];
  /** What a late watcher needs: the state so far of one live call; undefined when it is not live. */
  snapshot(callId: string): readonly LiveEvent[] | undefined;
  subscribe(listener: (event: LiveEvent) => void): () => void;
}

// ---- Putting a call right afterwards --------------------------------------------------------------------------------

/** What a person puts right on a call that has ended. */
export interface CallCorrection {
  /** Caller and callee were the wrong way round. */
  readonly swapSides: boolean;
  /** By partyId. */
  readonly roles: Readonly<Record<string, PartyRole>>;
  /** Speakers who are told apart on a stream; absent: none. */
  readonly speakers?: readonly SpeakerName[];
}

export interface SpeakerName {
  readonly side: PartySide;
  /** As in `Voice.label`. */
  readonly label: string;
  /** Null: as if nobody had said who it is, neither a person nor a voiceprint. */
  readonly name: string | null;
}

/** All rows of one ended call that depend on who is on which side. */
export interface StoredCall {
  readonly call: Call;
  readonly metrics: CallMetrics | null;
  readonly utterances: readonly Utterance[];
  readonly findings: readonly Finding[];
  readonly redactions: readonly Redaction[];
  /** By utterance and revision. */
  readonly earlier: readonly EarlierText[];
}

/** What a person wrote in place of what was heard: a name, a term, as it may be suggested as a phrase. */
export interface WordCorrection {
  readonly utteranceId: string;
  readonly heard: string;
  readonly corrected: string;
}

/** What corrections need of db/. */
export interface CallArchive {
  /** Undefined: no such call. Waits until what has been written of the call is stored. */
  load(callId: string): Promise<StoredCall | undefined>;
  /**
   * In one transaction, in place of what was loaded; findings that are no longer in the list are removed. Where redactions
   * have come to it, exports with the call in them are gone, as by late redaction.
   * @throws SidetoneError `conflict` when the call was changed since (late redaction)
   */
  replace(before: StoredCall, after: StoredCall, learnt?: readonly WordCorrection[]): Promise<void>;
}

/** analytics/corrections implements it; dashboards/ is handed it. */
export interface Corrections {
  /**
   * With everything that depends on it: sides of utterances, redactions and findings, the rules run again, metrics,
   * sentiment. @throws SidetoneError `not-found`, `conflict` (still live), `bad-request` (no such party, nothing to swap)
   */
  correct(callId: string, correction: CallCorrection): Promise<StoredCall>;
  /**
   * Other words for one utterance, redacted as if they had been said so; the text before them is kept. Where they give
   * something away that stands in clear elsewhere, that is masked too, and its sound silenced.
   * @throws SidetoneError `not-found`, `conflict` (still live, changed meanwhile), `bad-request` (no words, a mask gone)
   */
  correctText(callId: string, utteranceId: string, text: string): Promise<Utterance>;
}

// ---- The second pass: turns recognised again once their call is over -------------------------------------------------

export interface DueCall {
  readonly callId: string;
  /** That have failed. */
  readonly attempts: number;
}

/** What the second pass needs of db/. All reject with `database-unavailable` while it is away. */
export interface SecondPassStore {
  /** The call of this server that has waited longest, but for `except`; undefined: none is due. */
  next(at: string, except?: readonly string[]): Promise<DueCall | undefined>;
  /** How many there are still to do, due or not. */
  waiting(at: string): Promise<number>;
  /** Nothing where the call is gone. */
  settle(callId: string, outcome: SecondPassOutcome): Promise<void>;
}

export type SecondPassOutcome =
  | { readonly state: 'done' }
  /** Once more, not before. */
  | { readonly state: 'waiting'; readonly attempts: number; readonly nextAt: string; readonly fault: string }
  | { readonly state: 'failed'; readonly attempts: number; readonly fault: string };

// ---- Call detail records of a PBX, held against the calls ------------------------------------------------------------

/** One record of a CDR file, as it is stored. Numbers are masked as those of parties are. */
export interface CdrRecord {
  /** The same record read again has the same. */
  readonly recordId: string;
  readonly sourceName: string;
  /** As the PBX calls it; null where the file has none. */
  readonly uniqueId: string | null;
  /** Shared by the records of one call that has several (a queue, a transfer). */
  readonly groupId: string | null;
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly endedAt: string | null;
  /** From answer to end. */
  readonly talkedMs: number;
  readonly caller: string | null;
  readonly callee: string | null;
  /** Further names of either end (an agent's extension, the number first dialled). */
  readonly aliases: readonly string[];
  readonly sipCallIds: readonly string[];
  /** Why it demands no call; null: it does. */
  readonly excluded: CdrExclusion | null;
}
export const cdrExclusions = ['not-answered', 'number-excluded'] as const;
export type CdrExclusion = (typeof cdrExclusions)[number];

/** `waiting`: no call yet, and not late enough to be told of. */
export const cdrStates = ['waiting', 'matched', 'unmatched', 'excluded'] as const;
export type CdrState = (typeof cdrStates)[number];

/** How far a CDR file has been read. */
export interface CdrFilePosition {
  readonly path: string;
  readonly sourceName: string;
  /** Of the file's beginning: how many bytes, and their SHA-256 (hex). Another beginning is another file. */
  readonly headBytes: number;
  readonly headSha256: string;
  readonly offsetBytes: number;
  /** Lines before `offsetBytes`. */
  readonly lines: number;
  /** Names of columns, from the file's first line; null where there are none. */
  readonly header: string | null;
  /** Since the file is looked at, whatever became of it in between. */
  readonly badLines: number;
  /** The latest of them, by its number in the file, and what is wrong with it (nothing that it says). */
  readonly lastBadLine: number | null;
  readonly lastBadProblem: string | null;
  readonly firstSeenAt: string;
  readonly readAt: string;
}

/** A record that has no call yet. */
export interface OpenCdr {
  readonly record: CdrRecord;
  readonly state: 'waiting' | 'unmatched';
}

/** A call that may be the one of a record. */
export interface CdrCandidate {
  readonly callId: string;
  /** `group`: another record with the same group has it. */
  readonly by: 'sip-call-id' | 'group' | 'time';
  /** Some record has it already. */
  readonly claimed: boolean;
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly endedAt: string | null;
  /** URIs of its parties; null: withheld. */
  readonly uris: readonly (string | null)[];
}

export type CdrOutcome =
  | { readonly recordId: string; readonly state: 'matched'; readonly callId: string }
  /** `nextCheckAt` null: it is not looked for any more. */
  | { readonly recordId: string; readonly state: 'waiting' | 'unmatched'; readonly nextCheckAt: string | null };

/** What matching needs of db/. All reject with `database-unavailable` while it is away. */
export interface CdrStore {
  /** Of files that this server reads. */
  positions(): Promise<readonly CdrFilePosition[]>;
  /** Both or neither. Records that are there already stay as they are. @returns how many were new */
  take(position: CdrFilePosition, records: readonly CdrRecord[]): Promise<number>;
  /** Records whose next check is due, the oldest call first. */
  due(sourceNames: readonly string[], at: string, limit: number): Promise<readonly OpenCdr[]>;
  candidates(record: CdrRecord, withinMs: number): Promise<readonly CdrCandidate[]>;
  settle(outcomes: readonly CdrOutcome[]): Promise<void>;
  /** How many records are in each state. */
  counts(): Promise<Readonly<Record<CdrState, number>>>;
}

// ---- Enrolled voices ----------------------------------------------------------------------------------------------------

/** What a person's voice may be kept for, and on whose word. */
export interface Consent {
  /** Who consents: the person, by name. */
  readonly givenBy: string;
  readonly givenAt: string;
  /** `signed form`, `recorded in the call of 2026-11-03` ... */
  readonly how: string;
  /** Where the proof lies: a document's number, a link. */
  readonly reference: string | null;
}

export interface EnrolledSpeaker {
  readonly speakerId: string;
  readonly name: string;
  readonly consent: Consent;
  /** A user's or key's name. */
  readonly enrolledBy: string;
  readonly enrolledAt: string;
  /** When a voice was last found to be theirs. */
  readonly lastUsedAt: string | null;
  /** Of another speaker model than the one in use: the voice has to be enrolled again. */
  readonly modelId: string;
  /** Of their speech, that went into it. */
  readonly speechS: number;
}

export interface StoredVoiceprint extends Pick<EnrolledSpeaker, 'speakerId' | 'name'> {
  readonly voiceprint: Voiceprint;
}

/** What enrolment needs of db/. All reject with `database-unavailable` while it is away. */
export interface SpeakerStore {
  /** By name. */
  list(): Promise<readonly EnrolledSpeaker[]>;
  /** @throws SidetoneError `conflict`: the name is taken, letter case ignored */
  add(
    speaker: Pick<EnrolledSpeaker, 'name' | 'consent' | 'enrolledBy'> & { readonly voiceprint: Voiceprint },
  ): Promise<EnrolledSpeaker>;
  /** Those that this server can read. */
  voiceprints(): Promise<readonly StoredVoiceprint[]>;
  /** Somebody was found to be them. */
  used(speakerIds: readonly string[]): Promise<void>;
  /**
   * The voiceprint, the consent record, and the name wherever it stands for the voiceprint's sake; exports with such a name
   * are gone. @returns in how many calls a name was taken back; undefined: no such speaker
   */
  remove(speakerId: string): Promise<{ readonly calls: number } | undefined>;
}

/** Where a voice is heard. */
export type VoiceSource =
  /** A sound file of that person alone, as media/ reads them. */
  | { readonly path: string }
  /** Of a call that has ended: a side, or one speaker of it (`Voice.label`). */
  | { readonly callId: string; readonly side: PartySide; readonly label: string | null };

export interface VoiceAnswer {
  readonly score: number;
  readonly probability: number;
  readonly decision: 'same' | 'other' | 'unsure';
  readonly speechS: number;
}

/** analytics/speakers implements it; dashboards/ is handed it. */
export interface Speakers {
  list(): Promise<readonly EnrolledSpeaker[]>;
  /**
   * @throws SidetoneError `too-little-speech`, `unsupported-audio`, `not-found` (call, side or recording), `conflict` (the
   *   name is taken, or the call is still running)
   */
  enrol(
    speaker: Pick<EnrolledSpeaker, 'name' | 'consent' | 'enrolledBy'>,
    source: VoiceSource,
  ): Promise<EnrolledSpeaker>;
  /** @throws as `enrol`; `conflict`: the voice was enrolled with another speaker model */
  verify(speakerId: string, source: VoiceSource): Promise<VoiceAnswer>;
  /** As `SpeakerStore.remove`; no voice that is being looked for in a call is named so afterwards. */
  remove(speakerId: string): Promise<{ readonly calls: number } | undefined>;
}
