import type { AsrEvent } from '#asr/types.ts';
import { samplesToMs, type MediaEvent, type RecordingReport } from '#media/types.ts';
import type { CallEvent, ChannelSide } from '#sip/types.ts';
import { sidesExpected } from '../assurance/expected-sides.ts';
import { assure } from '../assurance/verdict.ts';
import { computeCallMetrics } from '../metrics/call-metrics.ts';
import type { NamedVoice, VoiceSample } from '../speakers/types.ts';
import type { Call, CallNote } from '../types.ts';
import type { CallRecord } from './call-record.ts';
import { CallSound } from './call-sound.ts';
import { Degradation } from './degradation.ts';
import { CallTalk, type TalkOutside } from './call-talk.ts';
import { Findings } from './findings.ts';
import { Holds } from './holds.ts';
import { SilenceAlarm } from './silence-alarm.ts';

export interface SessionOutside extends TalkOutside {
  /** False: recognition is off and the sound is kept all the same: nothing is missing for want of text. */
  readonly expectsText: boolean;
  readonly interruptionMs: number;
  /** The redactor of this call threw. */
  failed(error: Error): void;
}

/**
 * One call on its way from events to rows.
 *
 * It lives through: signalling (`CallEvent`) and media (`MediaEvent`), and what is heard (`AsrEvent`), in whatever order
 * they come. What is said goes its own way (call-talk.ts). `wrapUp` is called once, when signalling, media and
 * recognition are all over: it releases the rest, and the recording is asked to finish; `finish` comes with the
 * recording's report and writes the call's last row.
 */
export class CallSession {
  readonly #record: CallRecord;
  readonly #outside: SessionOutside;
  readonly #holds = new Holds();
  readonly #findings: Findings;
  readonly #alarm: SilenceAlarm;
  readonly #talk: CallTalk;
  readonly #sound = new CallSound();
  readonly #degradation = new Degradation();
  /** The channels of its timeline, and from when on, in ms. */
  readonly #channels = new Map<ChannelSide, number>();
  #endMs = 0;
  #dropped = false;

  constructor(record: CallRecord, outside: SessionOutside) {
    this.#record = record;
    this.#outside = outside;
    this.#findings = new Findings(record.call.callId, outside);
    this.#alarm = new SilenceAlarm(record.call.callId, this.#findings);
    this.#talk = new CallTalk(record, this.#holds, this.#findings, outside, (error, markMs) => {
      record.note({ atMs: markMs, note: 'redaction-failed', detail: 'nothing after this was kept' });
      this.#saveCall();
      outside.failed(error);
    });
    this.#saveCall();
  }

  get callId(): string {
    return this.#record.call.callId;
  }

  /** As it stands; frozen. */
  get call(): Call {
    return this.#record.call;
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
        for (const side of event.sides) this.#channels.set(side, 0);
        if (this.#record.call.record !== 'none') this.#talk.begin(event.sides);
        this.#alarm.mediaStarted();
        this.#noteAnswer();
        break;
      case 'side-added':
        this.#channels.set(event.side, samplesToMs(event.sample));
        this.#alarm.resumed(event.side, samplesToMs(event.sample));
        this.#talk.addSide(event.side, samplesToMs(event.sample));
        return;
      case 'dtmf':
        this.#talk.redact((redactor) =>
          redactor.keyed(event.side, samplesToMs(event.startSample), samplesToMs(event.endSample)),
        );
        return;
      case 'hold':
        // Signalling has already noted it on the call.
        this.#holds.change(event.side, event.holding, samplesToMs(event.sample));
        return;
      case 'stream-silent':
      case 'stream-resumed':
        this.#streamSilent(event);
        break;
      case 'audio-dropped':
        this.#dropped = true;
        this.#record.note({ atMs: samplesToMs(event.startSample), note: 'audio-dropped', detail: event.reason });
        // What only the disk refused was heard.
        if (event.reason === 'behind') {
          this.#talk.redact((redactor) =>
            redactor.dropped(samplesToMs(event.startSample), samplesToMs(event.endSample)),
          );
        }
        break;
      case 'paused':
      case 'resumed':
        // Signalling has already noted on the call who wants it.
        this.#record.paused(event.type === 'paused', samplesToMs(event.sample));
        break;
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
    if (event.type === 'sound' || event.type === 'levels' || event.type === 'identical') {
      this.#noteHeard(this.#sound.take(event));
      return;
    }
    if (event.type === 'degraded') {
      this.#noteHeard(this.#degradation.take(event));
      return;
    }
    if (event.type === 'speakers') this.#talk.toldApart(event);
    else this.#talk.redact((redactor) => redactor.heard(event));
  }

  #noteHeard(note: CallNote | undefined): void {
    if (note === undefined) return;
    this.#record.note(note);
    this.#saveCall();
  }

  /** Answered for a while: every stream that is to be expected should have come by now. */
  streamsAreDue(): void {
    const { call, isToBePaused } = this.#record;
    if (call.record === 'none' || call.endedAt !== null || isToBePaused) return;
    if (call.mediaStartedAt === null) {
      this.#alarm.nothingCame();
      return;
    }
    const channels = [...this.#channels.keys()];
    for (const side of sidesExpected(channels, call.parties)) {
      if (!channels.includes(side)) this.#alarm.neverCame(side);
    }
  }

  /** Signalling, media and recognition are over: everything still held is decided, masked where in doubt. */
  wrapUp(): void {
    this.#talk.wrapUp(this.#endMs);
    this.#saveMetrics();
    this.#outside.recording.finish(this.callId);
  }

  /** Each voice of the call, to be held against those that are enrolled. */
  voices(): readonly VoiceSample[] {
    return this.#talk.voices();
  }

  /** Whose voices they are. After `wrapUp`, before `finish`. */
  identified(named: readonly NamedVoice[]): void {
    this.#talk.identified(named);
  }

  /** The last row. `recording` is null where none was to be made (no media, or `record: none`). */
  finish(recording: RecordingReport | null): void {
    const { call } = this.#record;
    if (recording !== null) this.#saveRecording(recording);
    if (call.answeredAt !== null && call.mediaStartedAt === null) {
      this.#record.note({ atMs: null, note: 'no-media', detail: 'answered, but no RTP came' });
    }
    this.#alarm.ended(this.#endMs);
    this.#record.assured(
      assure({
        call: this.#record.call,
        endMs: this.#endMs,
        channels: this.#channels,
        holds: this.#holds.all(this.#endMs),
        isPaused: this.#record.isToBePaused,
        silences: this.#alarm.silences,
        recording,
        dropped: this.#dropped,
        unrecognised: this.#talk.hasFailed || (this.#outside.expectsText && this.#talk.hasUnheard),
      }),
    );
    this.#saveCall();
    this.#outside.publish({ type: 'end', callId: this.callId });
  }

  #streamSilent({ type, side, sample }: Extract<MediaEvent, { type: 'stream-silent' | 'stream-resumed' }>): void {
    const atMs = samplesToMs(sample);
    this.#record.note({ atMs, note: type, detail: side });
    if (this.#record.call.record === 'none') return;
    if (type === 'stream-silent') this.#alarm.silent(side, atMs);
    else this.#alarm.resumed(side, atMs);
  }

  #saveRecording(recording: RecordingReport): void {
    if (recording.failure !== null) {
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

  #noteAnswer(): void {
    const { answeredMs } = this.#record.call;
    if (answeredMs !== null) this.#talk.answered(answeredMs);
  }

  #saveMetrics(): void {
    const { answeredMs, pauses } = this.#record.call;
    if (answeredMs === null) return;
    const window = { startMs: Math.min(answeredMs, this.#endMs), endMs: this.#endMs };
    const sound = this.#sound.figures(window);
    const figures = computeCallMetrics({
      callId: this.callId,
      sides: [...this.#channels.keys()],
      window,
      speech: this.#talk.speech(),
      turns: this.#talk.turns(),
      holds: this.#holds.all(this.#endMs),
      pauses: pauses.map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs ?? this.#endMs })),
      interruptionThresholdMs: this.#outside.interruptionMs,
    });
    const metrics = sound === undefined ? figures : { ...figures, sound };
    this.#outside.write({ op: 'metrics', metrics });
    this.#outside.publish({ type: 'metrics', callId: this.callId, metrics });
  }

  #saveCall(): void {
    const { call } = this.#record;
    this.#outside.write({ op: 'call', call });
    this.#outside.publish({ type: 'call', call });
  }
}
