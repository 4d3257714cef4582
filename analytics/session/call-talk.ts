import { endlessMs, type AsrEvent, type SpeakerTurn } from '#asr/types.ts';
import { toError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import { msToSamples, type RecordingControl, type SampleRange } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { Speech } from '../metrics/call-metrics.ts';
import type { RedactionRow, Redactor, RedactorOutput, ReleasedSegment, SilenceRange } from '../redaction/types.ts';
import { RuleEvaluator } from '../rules/evaluator.ts';
import type { Rule } from '../rules/schema.ts';
import type { NamedVoice, VoiceSample } from '../speakers/types.ts';
import type { LiveEvent, Redaction, StoreOp } from '../types.ts';
import type { CallRecord } from './call-record.ts';
import type { Findings } from './findings.ts';
import type { Holds } from './holds.ts';
import { Transcript, type Revised } from './transcript.ts';

export interface TalkOutside {
  readonly rules: readonly Rule[];
  readonly recording: RecordingControl;
  makeRedactor(sides: readonly ChannelSide[]): Redactor;
  write(op: StoreOp): void;
  publish(event: LiveEvent): void;
  /** A rewrite of the recording that goes on by itself. */
  background(task: Promise<unknown>): void;
}

/**
 * What is said in one call, from the redactor to its rows: only what the redactor releases is scored, judged by the
 * rules, stored and shown, stored before shown. Silent until `begin`. Once the redactor has thrown, nothing more of the
 * call is let out, in text or sound: fail closed.
 */
export class CallTalk {
  readonly #record: CallRecord;
  readonly #outside: TalkOutside;
  readonly #holds: Holds;
  readonly #findings: Findings;
  readonly #rules: RuleEvaluator;
  readonly #transcript: Transcript;
  /** By the redactor's number of the row. */
  readonly #redactionIds = new Map<number, string>();
  /** Ids of utterances that late redaction has changed. */
  readonly #rewritten = new Set<string>();
  /** Redactions up to an end of the call that is not known yet. */
  readonly #openEnded: RedactionRow[] = [];
  readonly #failed: (error: Error, markMs: number) => void;
  #redactor: Redactor | undefined;
  #hasFailed = false;
  #unheard = false;
  #answerKnown = false;
  #markMs = 0;

  /** `failed`: once, when the redactor threw; `markMs` is how far the call was let out. */
  constructor(
    record: CallRecord,
    holds: Holds,
    findings: Findings,
    outside: TalkOutside,
    failed: (error: Error, markMs: number) => void,
  ) {
    this.#record = record;
    this.#holds = holds;
    this.#findings = findings;
    this.#outside = outside;
    this.#failed = failed;
    this.#rules = new RuleEvaluator(record.call.callId, outside.rules);
    this.#rules.hears([]);
    this.#transcript = new Transcript(record);
  }

  /** Some of its sound was never recognised. */
  get hasUnheard(): boolean {
    return this.#unheard;
  }

  /** The redactor broke: what it had not let out by then never will be. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  begin(sides: readonly ChannelSide[]): void {
    this.#redactor = this.#outside.makeRedactor(sides);
    this.#rules.hears(sides);
  }

  addSide(side: ChannelSide, fromMs: number): void {
    this.#rules.hears([side]);
    this.redact((redactor) => redactor.addSide(side, fromMs));
  }

  redact(ask: (redactor: Redactor) => RedactorOutput | void): void {
    if (this.#redactor === undefined || this.#hasFailed) return;
    try {
      const output = ask(this.#redactor);
      if (output) this.#take(output);
    } catch (thrown) {
      this.#hasFailed = true;
      this.#failed(toError(thrown), this.#markMs);
    }
  }

  /** Who speaks when on one side, as far as is known by now. */
  toldApart({ side, turns, settled }: Extract<AsrEvent, { type: 'speakers' }>): void {
    if (this.#redactor === undefined || this.#hasFailed) return;
    this.#tell(this.#transcript.toldApart(side, turns, settled));
  }

  identified(named: readonly NamedVoice[]): void {
    this.#tell(this.#transcript.identified(named));
  }

  answered(answeredMs: number): void {
    if (this.#answerKnown) return;
    this.#answerKnown = true;
    this.#rules.answered(answeredMs);
  }

  /** Everything still held is decided, masked where in doubt; the recording is given what was held of it. */
  wrapUp(endMs: number): void {
    this.redact((redactor) => redactor.finish());
    for (const each of this.#openEnded) if (each.startMs < endMs) this.#redacted({ ...each, endMs });
    for (const finding of this.#rules.ended(endMs)) this.#findings.add(finding);
    const endSample = msToSamples(endMs) + msToSamples(1000);
    // What a redactor that failed has not released stays silent.
    const silence = this.#hasFailed ? [{ startSample: msToSamples(this.#markMs), endSample }] : [];
    this.#outside.recording.release(this.#callId, endSample, silence, []);
  }

  speech(): readonly Speech[] {
    return this.#transcript.speech();
  }

  turns(): ReadonlyMap<ChannelSide, readonly SpeakerTurn[]> {
    return this.#transcript.turns();
  }

  /** Each voice of the call, and where it is heard alone. */
  voices(): readonly VoiceSample[] {
    return this.#transcript.voices();
  }

  get #callId(): string {
    return this.#record.call.callId;
  }

  #take(output: RedactorOutput): void {
    const callId = this.#callId;
    for (const { side, segmentId, words } of output.partials) {
      this.#outside.publish({ type: 'partial', callId, side, segmentId, words });
    }
    for (const each of output.redactions) {
      if (each.kind === 'unheard') this.#unheard = true;
      if (each.endMs < endlessMs) this.#redacted(each);
      else this.#openEnded.push(each);
    }
    for (const segment of output.released) this.#released(segment);
    for (const segment of output.late) this.#rewrite(segment);
    if (output.lateSilence.length > 0) this.#silenceLate(output.lateSilence);
    for (const finding of this.#rules.passed(output.releasedUntilMs)) this.#findings.add(finding);
    this.#markMs = output.releasedUntilMs;
    const { releasedUntilMs, silence, unheard } = output;
    const untilSample = msToSamples(releasedUntilMs);
    this.#outside.recording.release(callId, untilSample, silence.map(inSamples), unheard.map(inSamples));
  }

  /** Shown as it begins; how far it went in the end is stored, and seen with the stored call. */
  #redacted({ row, ...what }: RedactionRow): void {
    const callId = this.#callId;
    const known = this.#redactionIds.get(row);
    const redactionId = known ?? newId();
    this.#redactionIds.set(row, redactionId);
    const redaction: Redaction = { ...what, redactionId, callId };
    this.#outside.write({ op: 'redaction', redaction });
    if (known === undefined) this.#outside.publish({ type: 'redaction', callId, redaction });
  }

  #released(segment: ReleasedSegment): void {
    const callId = this.#callId;
    const { side, segmentId } = segment;
    if (segment.text === '' || this.#holds.isHoldSound(side, segment)) {
      this.#outside.publish({ type: 'partial', callId, side, segmentId, words: [] });
      return;
    }
    const pieces = this.#transcript.add(segment);
    this.#tell(pieces);
    // A phrase may run on from one piece into the next: rules judge the stream, whoever speaks in it.
    for (const { utterance } of pieces) {
      for (const finding of this.#rules.utterance(utterance)) this.#findings.add(finding);
    }
  }

  #tell(revised: readonly Revised[]): void {
    for (const { utterance, segmentId } of revised) {
      // The journal keeps the last op on a thing alone: that text had to go must not be forgotten over who said it.
      const op = this.#rewritten.has(utterance.utteranceId) ? 'rewrite-utterance' : 'utterance';
      this.#outside.write({ op, utterance });
      this.#outside.publish({ type: 'utterance', callId: this.#callId, segmentId, utterance });
    }
  }

  #rewrite(segment: ReleasedSegment): void {
    for (const { utterance, segmentId } of this.#transcript.rewrite(segment)) {
      this.#rewritten.add(utterance.utteranceId);
      this.#outside.write({ op: 'rewrite-utterance', utterance });
      this.#outside.publish({ type: 'utterance', callId: this.#callId, segmentId, utterance });
      this.#findings.rewritten(utterance);
    }
  }

  #silenceLate(ranges: RedactorOutput['lateSilence']): void {
    this.#outside.background(this.#outside.recording.redactLate(this.#callId, ranges.map(inSamples)));
  }
}

function inSamples({ startMs, endMs }: SilenceRange): SampleRange {
  return { startSample: msToSamples(startMs), endSample: msToSamples(endMs) };
}
