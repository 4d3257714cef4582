import { endlessMs, type AsrEvent } from '#asr/types.ts';
import { toError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import {
  msToSamples,
  samplesToMs,
  type MediaEvent,
  type RecordingControl,
  type RecordingReport,
  type SampleRange,
} from '#media/types.ts';
import type { CallEvent } from '#sip/types.ts';
import { computeCallMetrics } from '../metrics/call-metrics.ts';
import type { RedactionRow, Redactor, RedactorOutput, ReleasedSegment, SilenceRange } from '../redaction/types.ts';
import { RuleEvaluator } from '../rules/evaluator.ts';
import type { Rule } from '../rules/schema.ts';
import type { LiveEvent, Redaction, StoreOp } from '../types.ts';
import type { CallRecord } from './call-record.ts';
import { Findings } from './findings.ts';
import { Holds } from './holds.ts';
import { Transcript } from './transcript.ts';

export interface SessionOutside {
  readonly rules: readonly Rule[];
  readonly interruptionMs: number;
  readonly redactor: Redactor;
  readonly recording: RecordingControl;
  write(op: StoreOp): void;
  publish(event: LiveEvent): void;
  /** The redactor of this call threw. */
  failed(error: Error): void;
  /** A rewrite of the recording that goes on by itself. */
  background(task: Promise<unknown>): void;
}

/**
 * One call on its way from events to rows.
 *
 * It lives through: signalling (`CallEvent`) and media (`MediaEvent`), and what is heard (`AsrEvent`), in whatever order
 * they come. Everything heard goes through the redactor first; only what that releases is scored, judged by the rules,
 * stored and shown, stored before shown. `wrapUp` is called once, when signalling, media and recognition are all over:
 * it releases the rest, and the recording is asked to finish; `finish` comes with the recording's report and writes
 * the call's last row.
 */
export class CallSession {
  readonly #record: CallRecord;
  readonly #outside: SessionOutside;
  readonly #rules: RuleEvaluator;
  readonly #holds = new Holds();
  readonly #transcript: Transcript;
  readonly #findings: Findings;
  /** By the redactor's number of the row. */
  readonly #redactionIds = new Map<number, string>();
  /** Redactions up to an end of the call that is not known yet. */
  readonly #openEnded: RedactionRow[] = [];
  #answerKnown = false;
  #endMs = 0;
  #markMs = 0;
  #failed = false;
  #incomplete = false;

  constructor(record: CallRecord, outside: SessionOutside) {
    this.#record = record;
    this.#outside = outside;
    this.#transcript = new Transcript(record);
    this.#findings = new Findings(record.call.callId, outside);
    this.#rules = new RuleEvaluator(record.call.callId, outside.rules);
    this.#saveCall();
  }

  get callId(): string {
    return this.#record.call.callId;
  }

  signalled(event: Exclude<CallEvent, { type: 'ringing' }>): void {
    this.#record.signalled(event);
    this.#noteAnswer();
    this.#saveCall();
  }

  media(event: MediaEvent): void {
    switch (event.type) {
      case 'media-started':
        this.#record.mediaStarted(event.atEpochMs);
        this.#noteAnswer();
        break;
      case 'dtmf':
        this.#redact((redactor) =>
          redactor.keyed(event.side, samplesToMs(event.startSample), samplesToMs(event.endSample)),
        );
        return;
      case 'hold':
        // Signalling has already noted it on the call.
        this.#holds.change(event.side, event.holding, samplesToMs(event.sample));
        return;
      case 'stream-silent':
      case 'stream-resumed':
        this.#incomplete ||= event.type === 'stream-silent';
        this.#record.note({ atMs: samplesToMs(event.sample), note: event.type, detail: event.side });
        break;
      case 'audio-dropped':
        this.#incomplete = true;
        this.#record.note({ atMs: samplesToMs(event.startSample), note: 'audio-dropped', detail: event.reason });
        // What only the disk refused was heard.
        if (event.reason === 'behind') {
          this.#redact((redactor) => redactor.dropped(samplesToMs(event.startSample), samplesToMs(event.endSample)));
        }
        break;
      case 'paused':
      case 'resumed':
        this.#record.note({ atMs: samplesToMs(event.sample), note: event.type, detail: 'as somebody wanted' });
        break;
      case 'side-added':
        return;
      case 'media-ended':
        this.#endMs = samplesToMs(event.endSample);
        this.#record.mediaEnded(event);
        break;
      case 'recording-finished':
        return;
    }
    this.#saveCall();
  }

  heard(event: AsrEvent): void {
    this.#redact((redactor) => redactor.heard(event));
  }

  /** Signalling, media and recognition are over: everything still held is decided, masked where in doubt. */
  wrapUp(): void {
    this.#redact((redactor) => redactor.finish());
    for (const each of this.#openEnded) if (each.startMs < this.#endMs) this.#redacted({ ...each, endMs: this.#endMs });
    for (const finding of this.#rules.ended(this.#endMs)) this.#findings.add(finding);
    this.#saveMetrics();
    const end = msToSamples(this.#endMs) + msToSamples(1000);
    // What a redactor that failed has not released stays silent.
    const silence = this.#failed ? [{ startSample: msToSamples(this.#markMs), endSample: end }] : [];
    this.#outside.recording.release(this.callId, end, silence);
    this.#outside.recording.finish(this.callId);
  }

  /** The last row. `recording` is null where none was to be made (no media, or `record: none`). */
  finish(recording: RecordingReport | null): void {
    if (recording !== null) this.#saveRecording(recording);
    const answeredWithoutSound = this.#record.call.answeredAt !== null && this.#record.call.mediaStartedAt === null;
    if (answeredWithoutSound) this.#record.note({ atMs: null, note: 'no-media', detail: 'answered, but no RTP came' });
    if (this.#record.call.record !== 'none') {
      this.#record.completeness(this.#incomplete || answeredWithoutSound ? 'partial' : 'complete');
    }
    this.#saveCall();
    this.#outside.publish({ type: 'end', callId: this.callId });
  }

  #saveRecording(recording: RecordingReport): void {
    if (recording.failure !== null) {
      this.#incomplete = true;
      this.#record.note({ atMs: null, note: 'recording-failed', detail: recording.failure });
    }
    for (const range of recording.unredacted) {
      this.#record.note({
        atMs: samplesToMs(range.startSample),
        note: 'unredacted',
        detail: 'kept in clear: record is all',
      });
    }
    this.#outside.write({ op: 'recording', callId: this.callId, recording });
  }

  /** Fail closed: once the redactor has thrown, nothing more of the call is let out, in text or sound. */
  #redact(ask: (redactor: Redactor) => RedactorOutput): void {
    if (this.#failed) return;
    try {
      this.#take(ask(this.#outside.redactor));
    } catch (thrown) {
      this.#failed = true;
      this.#incomplete = true;
      this.#record.note({ atMs: this.#markMs, note: 'redaction-failed', detail: 'nothing after this was kept' });
      this.#saveCall();
      this.#outside.failed(toError(thrown));
    }
  }

  #take(output: RedactorOutput): void {
    const { callId } = this;
    for (const { side, segmentId, words } of output.partials) {
      this.#outside.publish({ type: 'partial', callId, side, segmentId, words });
    }
    for (const each of output.redactions) {
      if (each.kind === 'unheard') this.#incomplete = true;
      if (each.endMs < endlessMs) this.#redacted(each);
      else this.#openEnded.push(each);
    }
    for (const segment of output.released) this.#released(segment);
    for (const segment of output.late) this.#rewrite(segment);
    if (output.lateSilence.length > 0) this.#silenceLate(output.lateSilence);
    for (const finding of this.#rules.passed(output.releasedUntilMs)) this.#findings.add(finding);
    this.#markMs = output.releasedUntilMs;
    this.#outside.recording.release(callId, msToSamples(output.releasedUntilMs), output.silence.map(inSamples));
  }

  /** Shown as it begins; how far it went in the end is stored, and seen with the stored call. */
  #redacted({ row, ...what }: RedactionRow): void {
    const { callId } = this;
    const known = this.#redactionIds.get(row);
    const redactionId = known ?? newId();
    this.#redactionIds.set(row, redactionId);
    const redaction: Redaction = { ...what, redactionId, callId };
    this.#outside.write({ op: 'redaction', redaction });
    if (known === undefined) this.#outside.publish({ type: 'redaction', callId, redaction });
  }

  #released(segment: ReleasedSegment): void {
    if (segment.text === '' || this.#holds.isHoldSound(segment.side, segment)) {
      this.#outside.publish({
        type: 'partial',
        callId: this.callId,
        side: segment.side,
        segmentId: segment.segmentId,
        words: [],
      });
      return;
    }
    const utterance = this.#transcript.add(segment);
    this.#outside.write({ op: 'utterance', utterance });
    this.#outside.publish({ type: 'utterance', callId: this.callId, segmentId: segment.segmentId, utterance });
    for (const finding of this.#rules.utterance(utterance, segment.side)) this.#findings.add(finding);
  }

  #rewrite(segment: ReleasedSegment): void {
    const utterance = this.#transcript.rewrite(segment);
    if (utterance === undefined) return;
    this.#outside.write({ op: 'rewrite-utterance', utterance });
    this.#outside.publish({ type: 'utterance', callId: this.callId, segmentId: segment.segmentId, utterance });
    this.#findings.rewritten(utterance);
  }

  #silenceLate(ranges: RedactorOutput['lateSilence']): void {
    this.#outside.background(this.#outside.recording.redactLate(this.callId, ranges.map(inSamples)));
  }

  #noteAnswer(): void {
    const { answeredMs } = this.#record.call;
    if (this.#answerKnown || answeredMs === null) return;
    this.#answerKnown = true;
    this.#rules.answered(answeredMs);
  }

  #saveMetrics(): void {
    const { answeredMs } = this.#record.call;
    if (answeredMs === null) return;
    const metrics = computeCallMetrics({
      callId: this.callId,
      window: { startMs: Math.min(answeredMs, this.#endMs), endMs: this.#endMs },
      speech: this.#transcript.speech(),
      holds: this.#holds.all(this.#endMs),
      interruptionThresholdMs: this.#outside.interruptionMs,
    });
    this.#outside.write({ op: 'metrics', metrics });
    this.#outside.publish({ type: 'metrics', callId: this.callId, metrics });
  }

  #saveCall(): void {
    const { call } = this.#record;
    this.#outside.write({ op: 'call', call });
    this.#outside.publish({ type: 'call', call });
  }
}

function inSamples({ startMs, endMs }: SilenceRange): SampleRange {
  return { startSample: msToSamples(startMs), endSample: msToSamples(endMs) };
}
