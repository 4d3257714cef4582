import { endlessMs, type AsrEvent } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { Chain } from './chains.ts';
import { decide, undecidedYet, type Decision } from './decide.ts';
import { markOf, mustWait } from './holding.ts';
import { Listening } from './listening.ts';
import { LivePartials } from './live-partials.ts';
import { withMargins } from './margins.ts';
import { maskedPieces, redactedSegment } from './mask-words.ts';
import { applyMasks, maskUndecided } from './masking.ts';
import { remembered, rememberMs } from './memory.ts';
import { speaksOfCard } from './partials.ts';
import { RowGatherer, RowNumbers } from './rows.ts';
import { Silences } from './silences.ts';
import { heardSegment, lostSegment, type HeardSegment } from './talk.ts';
import type { Redactor, RedactorOptions, RedactorOutput, RedactorStatus, SilenceRange } from './types.ts';

/** Masked stretches less than this apart, over several turns, are one row. */
const sameNumberMs = 6000;
/** And keys: media tells a run in pieces when it was held up. */
const sameKeysMs = 3000;

export function createRedactor(options: RedactorOptions): Redactor {
  return new CallRedactor(options);
}

type Draft = {
  -readonly [Key in keyof RedactorOutput]: RedactorOutput[Key] extends readonly (infer Item)[]
    ? Item[]
    : RedactorOutput[Key];
};

type SideStretch = SilenceRange & { readonly side: ChannelSide };

class CallRedactor implements Redactor {
  readonly #holdMs: number;
  readonly #listening: Listening;
  readonly #silences = new Silences();
  readonly #numbers = new RowNumbers();
  readonly #rows = new RowGatherer(sameNumberMs, this.#numbers);
  readonly #keys = new RowGatherer(sameKeysMs, this.#numbers);
  readonly #partials = new LivePartials();
  /** Of all sides, by start. */
  #segments: HeardSegment[] = [];
  #decision: Decision = undecidedYet;
  #forced = 0;
  #finished = false;

  constructor({ holdMs, sides }: RedactorOptions) {
    this.#holdMs = holdMs;
    this.#listening = new Listening(sides);
  }

  addSide(side: ChannelSide, fromMs: number): void {
    this.#listening.add(side, fromMs);
  }

  heard(event: AsrEvent): RedactorOutput {
    const output = this.#draft();
    if (this.#finished) return output;
    this.#listening.take(event);
    if (event.type === 'final' || event.type === 'no-words') this.#remember(heardSegment(event));
    if (event.type === 'unheard') {
      this.#lost(event, output);
      this.#tellUnheard(event, output);
    }
    if (event.type !== 'partial') this.#settle(output);
    this.#showPartials(output);
    return output;
  }

  keyed(side: ChannelSide, startMs: number, endMs: number): RedactorOutput {
    const output = this.#draft();
    output.redactions.push(...this.#keys.add({ kind: 'dtmf', side, startMs, endMs, reason: 'keys' }));
    if (this.#finished) output.redactions.push(...this.#keys.settle(Number.POSITIVE_INFINITY));
    return output;
  }

  dropped(startMs: number, endMs: number): RedactorOutput {
    const output = this.#draft();
    if (this.#finished) return output;
    for (const side of this.#listening.sides) this.#lost({ side, startMs, endMs }, output);
    this.#settle(output);
    this.#showPartials(output);
    return output;
  }

  finish(): RedactorOutput {
    const output = this.#draft();
    if (this.#finished) return output;
    const unheard = this.#listening.unfinished();
    if (unheard.length > 0) this.#maskUndecided(this.#decision.undecided, this.#waiting());
    this.#listening.finish();
    for (const each of unheard) {
      output.unheard.push({ startMs: each.startMs, endMs: each.endMs });
      this.#tellUnheard(each, output);
    }
    this.#settle(output);
    this.#showPartials(output);
    this.#finished = true;
    this.#segments = [];
    return output;
  }

  status(): RedactorStatus {
    const held = this.#segments.filter((segment) => !segment.released);
    return {
      heldSegments: held.length,
      heldWords: held.reduce((sum, { words }) => sum + words.length, 0),
      forcedSegments: this.#forced,
      inPassage: this.#inPassage(),
    };
  }

  #remember(segment: HeardSegment): void {
    this.#segments.push(segment);
    this.#segments.sort((a, b) => a.startMs - b.startMs);
  }

  #lost(stretch: SideStretch, output: Draft): void {
    output.unheard.push({ startMs: stretch.startMs, endMs: stretch.endMs });
    // Without an end it says nothing about what comes after it: nothing does.
    if (stretch.endMs < endlessMs) this.#remember(lostSegment(stretch));
  }

  #tellUnheard({ side, startMs, endMs }: SideStretch, output: Draft): void {
    output.redactions.push(this.#numbers.number({ kind: 'unheard', side, startMs, endMs, reason: 'not-recognised' }));
  }

  #withMargins(spoken: SilenceRange): SilenceRange {
    return withMargins(spoken, this.#segments, this.#listening.knownMs);
  }

  #draft(): Draft {
    return {
      released: [],
      partials: [],
      redactions: [],
      silence: [],
      unheard: [],
      releasedUntilMs: this.#silences.markMs,
      late: [],
      lateSilence: [],
    };
  }

  #settle(output: Draft): void {
    const until = this.#listening.until();
    this.#decision = decide(this.#segments, until, this.#holdMs);
    if (this.#expire()) this.#decision = decide(this.#segments, until, this.#holdMs);
    this.#applyMasks(output);
    this.#release(output);
    this.#moveMark(until.decidedMs, this.#waiting(), output);
    output.redactions.push(...this.#rows.settle(until.decidedMs), ...this.#keys.settle(until.decidedMs));
    this.#forget(output);
  }

  /** What nothing decided within the hold is masked. */
  #expire(): boolean {
    const tooOldMs = this.#listening.heardMs - this.#holdMs;
    const runs = this.#decision.undecided.filter(({ startMs }) => startMs < tooOldMs);
    return this.#maskUndecided(
      runs,
      this.#waiting().filter(({ endMs }) => endMs < tooOldMs),
    );
  }

  /** Whether anything was masked that was not. */
  #maskUndecided(chains: readonly Chain[], segments: readonly HeardSegment[]): boolean {
    const fresh = maskUndecided(chains, segments);
    this.#forced += fresh.size;
    return fresh.size > 0;
  }

  #waiting(): HeardSegment[] {
    return this.#segments.filter((segment) => !segment.released && mustWait(segment, this.#decision, this.#listening));
  }

  /** What is found in talk that was released before is told as late. */
  #applyMasks(output: Draft): void {
    const late = applyMasks(this.#segments, this.#decision.masks);
    for (const segment of late) {
      output.late.push(redactedSegment(segment));
      for (const piece of maskedPieces(segment)) {
        if (piece.reason !== 'late') continue;
        const range = this.#withMargins(piece);
        output.redactions.push(
          this.#numbers.number({ kind: piece.kind, side: segment.side, ...range, reason: 'late' }),
        );
      }
    }
  }

  /** Gives out what is decided, in order on each side. What waited for all of the hold was masked before. */
  #release(output: Draft): void {
    const tooOldMs = this.#listening.heardMs - this.#holdMs;
    for (const side of this.#listening.sides) {
      for (const segment of this.#segments) {
        if (segment.side !== side || segment.released) continue;
        if (segment.endMs >= tooOldMs && mustWait(segment, this.#decision, this.#listening)) break;
        this.#give(segment, output);
      }
    }
  }

  #give(segment: HeardSegment, output: Draft): void {
    segment.released = true;
    const unread = segment.words.length === 0 && this.#decision.unread.includes(segment);
    const pieces = unread ? [{ ...segment, kind: 'digits' as const, reason: 'no-text' }] : maskedPieces(segment);
    for (const piece of pieces) {
      const range = this.#withMargins(piece);
      // What the end of the hold masked may be no number that `decide` knows of.
      if (piece.reason === 'hold-expired') this.#silences.add(range, output);
      output.redactions.push(
        ...this.#rows.add({ kind: piece.kind, side: segment.side, ...range, reason: piece.reason }),
      );
    }
    if (segment.words.length > 0) output.released.push(redactedSegment(segment));
  }

  #moveMark(decidedMs: number, waiting: readonly HeardSegment[], output: Draft): void {
    const markMs = Math.max(this.#silences.markMs, markOf(this.#decision, waiting, decidedMs));
    for (const spoken of this.#decision.spoken) {
      const range = this.#withMargins(spoken);
      if (range.startMs < markMs) this.#silences.add(range, output);
    }
    for (const pause of this.#decision.pauses) this.#silences.add(pause, output);
    this.#silences.raiseMark(markMs);
    output.releasedUntilMs = markMs;
  }

  #inPassage(): boolean {
    return (
      this.#decision.spans.some((span) => span.endMs === Number.POSITIVE_INFINITY) ||
      this.#listening.sides.some((side) => speaksOfCard(this.#listening.open(side)?.words ?? []))
    );
  }

  #showPartials(output: Draft): void {
    const { released } = output;
    output.partials.push(...this.#partials.changes(this.#listening, this.#decision, this.#inPassage(), released));
  }

  /** Talk dropped for the bound before it was decided goes unseen and unheard. */
  #forget(output: Draft): void {
    const { kept, undecided } = remembered(this.#segments, this.#decision.spans, this.#listening.heardMs);
    this.#segments = kept;
    this.#forced += undecided.length;
    for (const segment of undecided) this.#silences.add(segment, output);
    this.#silences.forget(this.#listening.heardMs - 2 * rememberMs);
  }
}
