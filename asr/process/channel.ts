import type { AudioFeedFrame } from '#lib/audio-feed.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { EngineResult } from '../engines/types.ts';
import { Drafting } from '../partials/drafting.ts';
import type { OpenSegment, Segment } from '../segments/segmenter.ts';
import type { StreamSpeakers } from '../speakers/diarization/stream-speakers.ts';
import { ChannelSound } from '../sound/channel-sound.ts';
import { isAllEcho } from '../sound/echo/verdict.ts';
import type { CallEcho } from '../sound/echo/call-echo.ts';
import { vadFrameSamples, type VadRow, type VadStream } from '../vad/silero.ts';
import { Arrivals } from './arrivals.ts';
import { Copies } from './copies.ts';
import type { Backlog } from './backlog.ts';
import { Listening } from './listening.ts';
import { msToSamples } from '#media/types.ts';
import { endlessMs, type DegradedStep } from '../types.ts';
import type { SpeechEvent } from './messages.ts';
import { ResultLine, type WaitingSegment } from './result-line.ts';

/** The least new audio between two `progress` events. */
const progressSamples = 2400;
const endlessSamples = msToSamples(endlessMs);
/** Audio to be looked at next; what is more waits in the backlog. */
const mostAheadSamples = 16_000;

/**
 * One channel of one call: its audio, its segments and what has been said of them. Synchronous: a session drives it and
 * brings the results of the models.
 */
export class Channel {
  readonly side: ChannelSide;
  /** BCP 47, where somebody has said what is spoken. */
  readonly language: string | undefined;
  /** Names and terms of its call; the same array for all channels of calls that list the same. */
  readonly phrases: readonly string[] | undefined;
  readonly #emit: (event: SpeechEvent) => void;
  readonly #listening: Listening;
  readonly #arrivals = new Arrivals();
  readonly #line: ResultLine;
  readonly #sound: ChannelSound;
  readonly #copies: Copies;
  /** Where this stream's speakers are told apart. */
  readonly speakers: StreamSpeakers | undefined;
  readonly #backlog: Backlog;
  /** The end of the audio received, whether it has been looked at, waits or was lost. */
  #receivedSample: number;
  #endIsKnown = false;
  #step: DegradedStep | undefined;
  #drafting: Drafting | undefined;
  #endSample: number | undefined;
  #progressHeard = -Infinity;
  #progressDecided = -Infinity;
  #fed = false;
  #cutOff = false;
  #finished = false;

  constructor(options: {
    readonly side: ChannelSide;
    readonly fromSample: number;
    readonly nextSegment: number;
    readonly language?: string | undefined;
    readonly phrases?: readonly string[] | undefined;
    readonly stream: VadStream;
    readonly backlog: Backlog;
    readonly emit: (event: SpeechEvent) => void;
    readonly echo: CallEcho;
    readonly speakers?: StreamSpeakers;
  }) {
    this.side = options.side;
    this.language = options.language;
    this.phrases = options.phrases;
    this.#emit = options.emit;
    this.#backlog = options.backlog;
    this.#receivedSample = options.fromSample;
    this.#listening = new Listening(options.fromSample, options.stream);
    const { side, speakers, emit } = options;
    this.speakers = speakers;
    this.#sound = new ChannelSound(options.fromSample, (fact) => emit({ ...fact, side }));
    this.#copies = new Copies(options.echo, (of, startSample) => emit({ type: 'identical', side, of, startSample }));
    this.#line = new ResultLine(options.side, options.nextSegment, (event) => {
      if (speakers === undefined || event.type !== 'final') emit(event);
      else emit({ ...event, words: speakers.named(event.words) });
    });
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Received and not yet looked at. */
  get unseenSamples(): number {
    return this.#listening.unseenSamples + this.#backlog.samples;
  }

  /** Since what comes next arrived: audio to be looked at, or the last of the speech of a final to be recognised. */
  lateMs(nowMs: number): number {
    const { heardSample } = this.#listening;
    const isBehind = this.unseenSamples >= vadFrameSamples;
    const audioMs = isBehind ? nowMs - this.#arrivals.arrivalMs(heardSample + vadFrameSamples, nowMs) : 0;
    const final = this.nextFinal?.segment;
    const finalMs = final === undefined ? 0 : nowMs - this.#arrivals.arrivalMs(final.speechEndSample, nowMs);
    return Math.max(audioMs, finalMs);
  }

  /** Tells of a step when it is another than before. */
  tellStep(step: DegradedStep): void {
    if (step === this.#step || this.#finished) return;
    this.#step = step;
    this.#emit({ type: 'degraded', side: this.side, step, sample: this.#receivedSample });
  }

  /** The call's turn comes when nothing else is to be done. */
  set waits(waits: boolean) {
    this.#backlog.waits = waits;
  }

  /** Nobody wants to know any more. */
  close(): void {
    this.#backlog.clear();
  }

  /** Held for segments in line. */
  get waitingSamples(): number {
    return this.#line.samples;
  }

  /**
   * What the feed sends. It may have been sending this channel's audio before there was a channel to take it: that comes
   * again from its start, with an `open`; what is still under way until then is the rest of something.
   */
  take({ kind, sample, pcm }: AudioFeedFrame, nowMs: number): void {
    if (kind === 'open') this.#fed = true;
    if (!this.#fed) return;
    if (kind === 'end') this.end(sample, nowMs);
    else this.append(sample, pcm, nowMs);
  }

  /** Audio that starts at `sample`. What was there before is skipped; what is missing before it becomes `unheard`. */
  append(sample: number, pcm: Int16Array, nowMs: number): void {
    if (this.#endIsKnown) return;
    this.#receivedSample = Math.max(this.#receivedSample, sample + pcm.length);
    this.#arrivals.add(this.#receivedSample, nowMs);
    if (this.#mustWait(sample)) this.#backlog.add(sample, pcm);
    else this.#listen(sample, pcm, nowMs);
  }

  /** No audio comes from `sample` on. */
  end(sample: number, nowMs: number): void {
    if (this.#endIsKnown) return;
    this.#endIsKnown = true;
    if (this.#mustWait(sample)) this.#backlog.add(sample, undefined);
    else this.#listenTo(sample, nowMs);
  }

  /** What comes after a gap waits until all before the gap has been looked at, and what is much until it is its turn. */
  #mustWait(sample: number): boolean {
    return !this.#backlog.isEmpty || this.#listening.unseenSamples >= mostAheadSamples || this.#isBehindGap(sample);
  }

  #isBehindGap(sample: number): boolean {
    if (sample <= this.#listening.endSample) return false;
    return this.doubtful !== undefined || this.#listening.nextFrame(false) !== undefined;
  }

  #listen(sample: number, pcm: Int16Array, nowMs: number): void {
    if (sample > this.#listening.endSample) this.#miss(sample, nowMs);
    const skip = this.#listening.endSample - sample;
    if (skip < pcm.length) this.#listening.append(skip === 0 ? pcm : pcm.subarray(skip));
  }

  #listenTo(endSample: number, nowMs: number): void {
    if (endSample > this.#listening.endSample) this.#miss(endSample, nowMs);
    this.#endSample = this.#listening.endSample;
  }

  /** Takes from the backlog what can be looked at now. */
  #refill(nowMs: number): void {
    while (!this.#backlog.isEmpty && this.#listening.unseenSamples < vadFrameSamples) {
      if (this.#isBehindGap(this.#backlog.startSample)) return;
      const later = this.#backlog.take();
      if (later === undefined) return;
      if (later.pcm === undefined) this.#listenTo(later.sample, nowMs);
      else this.#listen(later.sample, later.pcm, nowMs);
    }
  }

  /**
   * The connection is gone, or the process is to close: what came is all that comes, but the call may go on. What is
   * said after it is unheard, without a known end: nobody may take it for silence.
   */
  endHere(nowMs: number): void {
    if (this.#endIsKnown) return;
    this.#cutOff = true;
    this.end(this.#receivedSample, nowMs);
  }

  /** The next frame for the voice activity detector. At the end of the audio the last frame is filled with silence. */
  nextFrame(nowMs: number): VadRow | undefined {
    this.#refill(nowMs);
    return this.#listening.nextFrame(this.#endSample !== undefined);
  }

  /** The frame that `nextFrame` gave is silence, as what went before it: the detector need not be asked. */
  isSilence(row: VadRow): boolean {
    return this.#listening.isSilence(row);
  }

  /** What the detector says of the frame that `nextFrame` gave. */
  heard(row: VadRow, probability: number, nowMs: number): void {
    const frame = row.pcm.subarray(row.offset, row.offset + vadFrameSamples);
    this.speakers?.heard(this.#listening.heardSample, frame, probability);
    this.#sound.heard(this.#listening.heardSample, frame, probability);
    this.#closed(this.#listening.heard(row, probability), nowMs);
  }

  /** A short sound in which no speech was heard, with what is around it: does it look like speech after all? */
  get doubtful(): Int16Array | undefined {
    return this.#listening.doubtful;
  }

  /** The answer to `doubtful`. */
  judge(isSpeech: boolean, nowMs: number): void {
    const segment = this.#listening.judge(isSpeech);
    if (segment !== undefined) this.#queue(segment, new Drafting(segment.startSample), true, nowMs);
  }

  /** Once no frame is left: closes the last segment, says how far everything is. */
  settle(nowMs: number): void {
    this.#refill(nowMs);
    if (this.#endSample !== undefined && this.unseenSamples <= 0 && !this.#finished) {
      this.#closed(this.#listening.finish(), nowMs);
      this.speakers?.pause();
    }
    this.#line.tellKnown();
    this.#report();
    this.#listening.forgetBefore(Math.min(this.decidedSample, this.#copies.neededFrom(this.#listening.heardSample)));
  }

  /** A copy of exactly this stretch of its sound; zeros where it is not held. */
  stretch(startSample: number, endSample: number): Int16Array {
    return this.#listening.stretch(startSample, endSample);
  }

  /** Nothing that is still to come begins before. */
  get decidedSample(): number {
    const first = this.nextFinal?.segment.startSample;
    return first ?? Math.max(this.#progressDecided, this.#listening.decidedSample);
  }

  /** The segment first in line. */
  get nextFinal(): WaitingSegment | undefined {
    return this.#line.firstSegment;
  }

  /** The segment being spoken, unless others are in line before it: its partials would come out of order. */
  get inTheMaking(): { readonly drafting: Drafting; readonly open: OpenSegment } | undefined {
    const { open } = this.#listening;
    if (open === undefined || !this.#line.isEmpty) return undefined;
    if (this.#copies.isCopySoFar(open, this.#listening)) return undefined;
    if (this.#drafting === undefined) this.#drafting = new Drafting(open.startSample);
    return { drafting: this.#drafting, open };
  }

  audio(startSample: number, endSample: number): Int16Array {
    return this.#listening.audio(startSample, endSample);
  }

  /** `drafting` is of the open segment, or was when the work began. */
  showPartial(drafting: Drafting): void {
    if (drafting !== this.#drafting) return;
    this.#listening.gaps = drafting.gaps;
    this.#line.showPartial(drafting);
  }

  /** The result of `nextFinal`. */
  decide(result: EngineResult, language: string, nowMs: number): void {
    const speechEnd = this.nextFinal?.segment.speechEndSample ?? 0;
    this.#line.decide(result, language, nowMs - this.#arrivals.arrivalMs(speechEnd, nowMs));
    this.settle(nowMs);
  }

  #closed(segment: Segment | undefined, nowMs: number): void {
    if (this.#listening.open === undefined || segment !== undefined) {
      const drafting = this.#drafting;
      this.#drafting = undefined;
      if (segment !== undefined) this.#queue(segment, drafting ?? new Drafting(segment.startSample), false, nowMs);
    }
  }

  #queue(segment: Segment, drafting: Drafting, faint: boolean, sinceMs: number): void {
    const { startSample, endSample } = segment;
    const pcm = this.#listening.audio(startSample, endSample).slice();
    const echo = this.#copies.look(startSample, pcm);
    if (echo !== undefined && isAllEcho(echo)) this.#line.pushKnown('echo', startSample, endSample);
    else this.#line.push({ kind: 'segment', segment, pcm, drafting, faint, sinceMs, echo });
  }

  #miss(sample: number, nowMs: number): void {
    const startSample = this.#listening.endSample;
    this.#closed(this.#listening.skipTo(sample), nowMs);
    this.speakers?.pause();
    this.#sound.skipTo(sample);
    this.#listening.restart(sample);
    this.#line.pushKnown('unheard', startSample, sample);
  }

  #report(): void {
    if (this.#finished) return;
    const { heardSample } = this.#listening;
    const { decidedSample } = this;
    const done =
      this.#endSample !== undefined &&
      this.unseenSamples <= 0 &&
      this.#line.isEmpty &&
      this.doubtful === undefined &&
      (this.speakers?.waiting ?? 0) === 0;
    const isDue = heardSample - this.#progressHeard >= progressSamples || decidedSample - this.#progressDecided >= 8000;
    this.#arrivals.forgetBefore(decidedSample);
    if (!done) {
      if (!isDue) return;
      this.speakers?.tellWhenDue(heardSample);
      this.#progressHeard = heardSample;
      this.#progressDecided = decidedSample;
      this.#emit({ type: 'progress', side: this.side, decidedSample, heardSample });
      return;
    }
    const endSample = this.#endSample ?? heardSample;
    this.#finished = true;
    this.#sound.end(endSample);
    this.#emit({ type: 'progress', side: this.side, decidedSample: endSample, heardSample: endSample });
    if (this.#cutOff)
      this.#emit({ type: 'unheard', side: this.side, startSample: endSample, endSample: endlessSamples });
    this.speakers?.settle();
    this.#emit({ type: 'finished', side: this.side, endSample: this.#cutOff ? endlessSamples : endSample });
  }
}
