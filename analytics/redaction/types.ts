import type { AsrEvent, Word, WrittenSpan } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { Redaction } from '../types.ts';

/**
 * The redactor of one call: pure, no I/O, no timers; time comes with the events (ms on the call's timeline). Everything
 * that it gives out is redacted and may be stored and shown; what it keeps to itself lives in memory only.
 */
export interface Redactor {
  /** A side more, whose sound begins at `fromMs`. To be told before anything is heard of it. */
  addSide(side: ChannelSide, fromMs: number): void;
  heard(event: AsrEvent): RedactorOutput;
  /** A DTMF run, or a piece of one; one row a run comes of it. The tones themselves are zeroed by media/. */
  keyed(side: ChannelSide, startMs: number, endMs: number): RedactorOutput;
  /** Sound of all sides that was dropped on its way: it may have held anything. Told of before recognition misses it. */
  dropped(startMs: number, endMs: number): RedactorOutput;
  /**
   * The call is over: everything still held is decided and released. What recognition has not come to is `unheard`, and
   * what that leaves in doubt is masked. Later calls give empty outputs.
   */
  finish(): RedactorOutput;
  status(): RedactorStatus;
}

export interface RedactorOptions {
  /** The sides of the call at its start; on `mixed` anybody may be speaking. */
  readonly sides: readonly ChannelSide[];
  /** Longest wait for a decision; what is then still undecided is masked (`redaction.holdS` x 1000). */
  readonly holdMs: number;
}

/** A final segment as it may be kept, as spoken: `text` is `words` joined by single spaces. */
export interface ReleasedSegment {
  readonly segmentId: string;
  readonly side: ChannelSide;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly words: readonly Word[];
  /** Over `words`; none of them takes in a masked word. */
  readonly written: readonly WrittenSpan[];
  readonly confidence: number;
  readonly language: string;
}

export interface ShownPartial {
  readonly side: ChannelSide;
  readonly segmentId: string;
  /** All that may be shown of the open segment now; empty: take it away. */
  readonly words: readonly Word[];
}

/** A stretch to be zeroed on all channels. */
export interface SilenceRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Given again with the same number, it is the same row, grown. */
export type RedactionRow = Omit<Redaction, 'redactionId' | 'callId'> & { readonly row: number };

export interface RedactorOutput {
  /** Decided now, in time order per side. Text without anything digit-like comes as soon as its segment is final. */
  readonly released: readonly ReleasedSegment[];
  readonly partials: readonly ShownPartial[];
  readonly redactions: readonly RedactionRow[];
  /** New since the last output. Every range that starts before `releasedUntilMs` has been given by now. */
  readonly silence: readonly SilenceRange[];
  /**
   * New since the last output: nothing is known of what was said there. By the call's choice it is silent as well, or in
   * clear and told of (`record: all`). Wherever it lies, before the mark or behind it.
   */
  readonly unheard: readonly SilenceRange[];
  /**
   * The mark: sound before it may be written, the silences applied. Never moves back; Infinity once the call is over.
   */
  readonly releasedUntilMs: number;
  /** Segments released before, to be rewritten now (found late); their `segmentId` is that of the first release. */
  readonly late: readonly ReleasedSegment[];
  /** Stretches behind the mark to be zeroed in the written file. Not repeated in `silence`. */
  readonly lateSilence: readonly SilenceRange[];
}

export interface RedactorStatus {
  /** Text in memory that is not released. */
  readonly heldSegments: number;
  readonly heldWords: number;
  /** Segments decided by the end of the hold or by the bound on memory, not by the talk. */
  readonly forcedSegments: number;
  readonly inPassage: boolean;
}
