import type { TalkSide } from '#sip/types.ts';
import type { EngineResult } from '../engines/types.ts';
import { Drafting } from '../partials/drafting.ts';
import { placeWords } from '../partials/words.ts';
import { Segmenter, type OpenSegment, type Segment } from '../segments/segmenter.ts';
import { Bursts, type Burst } from '../vad/bursts.ts';
import { vadFrameSamples, type VadRow, type VadStream } from '../vad/silero.ts';
import { Arrivals } from './arrivals.ts';
import type { SpeechEvent } from './messages.ts';
import { SampleBuffer } from './sample-buffer.ts';

/** What stands in line on a channel: results leave it in the order of the timeline. */
export type Waiting =
  | {
      readonly kind: 'segment';
      readonly segment: Segment;
      readonly pcm: Int16Array;
      readonly drafting: Drafting;
      readonly sinceMs: number;
    }
  | { readonly kind: 'unheard'; readonly startSample: number; readonly endSample: number };

/** Audio, or without it the end, that came behind a gap. */
interface Later {
  readonly sample: number;
  readonly pcm: Int16Array | undefined;
}

/** The least new audio between two `progress` events. */
const progressSamples = 2400;
/** Kept around a short sound. */
const marginSamples = 1200;
/** The loudest sample of a frame that is silence whatever the model says: two steps of G.711. */
const silencePeak = 16;

/**
 * One channel of one call: its audio, its segments and what has been said of them. Synchronous: a session drives it and
 * brings the results of the models.
 */
export class Channel {
  readonly side: TalkSide;
  readonly #emit: (event: SpeechEvent) => void;
  readonly #stream: VadStream;
  readonly #buffer: SampleBuffer;
  readonly #segmenter: Segmenter;
  readonly #bursts: Bursts;
  readonly #arrivals = new Arrivals();
  readonly #waiting: Waiting[] = [];
  readonly #later: Later[] = [];
  #drafting: Drafting | undefined;
  /** The last short sound, until it is known whether it lies in a segment. */
  #sound: Burst | undefined;
  /** A sound in which the detector heard nothing, to be looked at again. */
  #doubtful: Burst | undefined;
  #index: number;
  #endSample: number | undefined;
  #progressHeard = -Infinity;
  #progressDecided = -Infinity;
  #finished = false;

  constructor(options: {
    readonly side: TalkSide;
    readonly fromSample: number;
    readonly nextSegment: number;
    readonly stream: VadStream;
    readonly emit: (event: SpeechEvent) => void;
  }) {
    this.side = options.side;
    this.#emit = options.emit;
    this.#stream = options.stream;
    this.#index = options.nextSegment;
    this.#buffer = new SampleBuffer(options.fromSample);
    this.#segmenter = new Segmenter(options.fromSample);
    this.#bursts = new Bursts(options.fromSample);
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Received and not yet looked at. */
  get unseenSamples(): number {
    return this.#buffer.endSample - this.#segmenter.heardSample;
  }

  /** Held for segments in line. */
  get waitingSamples(): number {
    return this.#waiting.reduce((sum, each) => sum + (each.kind === 'segment' ? each.pcm.length : 0), 0);
  }

  /** Audio that starts at `sample`. What was there before is skipped; what is missing before it becomes `unheard`. */
  append(sample: number, pcm: Int16Array, nowMs: number): void {
    if (this.#endSample !== undefined || this.#mustWait({ sample, pcm })) return;
    if (sample > this.#buffer.endSample) this.#miss(sample, nowMs);
    const skip = this.#buffer.endSample - sample;
    if (skip >= pcm.length) return;
    this.#buffer.append(skip === 0 ? pcm : pcm.subarray(skip));
    this.#arrivals.add(this.#buffer.endSample, nowMs);
  }

  /** No audio comes from `sample` on. */
  end(sample: number, nowMs: number): void {
    if (this.#endSample !== undefined || this.#mustWait({ sample, pcm: undefined })) return;
    if (sample > this.#buffer.endSample) this.#miss(sample, nowMs);
    this.#endSample = this.#buffer.endSample;
  }

  /** What comes after a gap waits until all before the gap has been looked at. */
  #mustWait(later: Later): boolean {
    const isGap = later.sample > this.#buffer.endSample && this.nextFrame() !== undefined;
    if (!isGap && this.#later.length === 0) return false;
    this.#later.push(later);
    return true;
  }

  #takeLater(nowMs: number): void {
    if (this.#later.length === 0 || this.nextFrame() !== undefined) return;
    for (const { sample, pcm } of this.#later.splice(0)) {
      if (pcm === undefined) this.end(sample, nowMs);
      else this.append(sample, pcm, nowMs);
    }
  }

  /** The connection is gone: what came is all that comes. */
  endHere(nowMs: number): void {
    const last = this.#later.at(-1);
    this.end(last === undefined ? this.#buffer.endSample : last.sample + (last.pcm?.length ?? 0), nowMs);
  }

  /** The next frame for the voice activity detector. At the end of the audio the last frame is filled with silence. */
  nextFrame(): VadRow | undefined {
    if (this.#doubtful !== undefined) return undefined;
    const unseen = this.unseenSamples;
    const heard = this.#segmenter.heardSample;
    if (unseen >= vadFrameSamples) {
      return { stream: this.#stream, pcm: this.#buffer.view(heard, heard + vadFrameSamples), offset: 0 };
    }
    if (this.#endSample === undefined || unseen === 0) return undefined;
    const padded = new Int16Array(vadFrameSamples);
    padded.set(this.#buffer.view(heard, this.#endSample));
    return { stream: this.#stream, pcm: padded, offset: 0 };
  }

  /** What the detector says of the frame that `nextFrame` gave. */
  heard(row: VadRow, probability: number, nowMs: number): void {
    let energy = 0;
    let peak = 0;
    for (let i = 0; i < vadFrameSamples; i += 1) {
      const sample = row.pcm[row.offset + i] ?? 0;
      energy += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    const closed = this.#segmenter.push(peak <= silencePeak ? 0 : probability, energy);
    this.#closed(closed, nowMs);
    this.#sound = this.#bursts.push(energy / vadFrameSamples) ?? this.#sound;
    if (closed !== undefined) this.#sound = undefined;
    this.#doubt();
  }

  /** A short sound in which no speech was heard, with what is around it: does it look like speech after all? */
  get doubtful(): Int16Array | undefined {
    const burst = this.#doubtful;
    return burst && this.#buffer.view(burst.startSample - marginSamples, burst.endSample + marginSamples);
  }

  /** The answer to `doubtful`. */
  judge(isSpeech: boolean, nowMs: number): void {
    const burst = this.#doubtful;
    this.#doubtful = undefined;
    if (burst === undefined || !isSpeech) return;
    const segment = this.#segmenter.insert(burst.startSample, burst.endSample);
    if (segment !== undefined) this.#queue(segment, new Drafting(segment.startSample), nowMs);
  }

  /** Once no frame is left: closes the last segment, says how far everything is. */
  settle(nowMs: number): void {
    this.#takeLater(nowMs);
    if (this.#endSample !== undefined && this.unseenSamples <= 0 && !this.#finished) {
      const closed = this.#segmenter.flush(this.#endSample);
      this.#closed(closed, nowMs);
      this.#sound = this.#bursts.flush() ?? this.#sound;
      if (closed !== undefined) this.#sound = undefined;
      if (this.#doubtful === undefined) this.#doubt();
    }
    this.#dropUnheard();
    this.#report();
    this.#buffer.dropBefore(this.#decidedSample - marginSamples);
  }

  /** Nothing that is still to come begins before. */
  get #decidedSample(): number {
    const first = this.nextFinal;
    if (first !== undefined) return first.segment.startSample;
    const burst = (this.#doubtful ?? this.#sound)?.startSample ?? this.#bursts.startSample;
    const decided = this.#segmenter.decidedSample;
    return burst === undefined ? decided : Math.min(decided, Math.max(this.#progressDecided, burst - marginSamples));
  }

  /** The segment first in line. */
  get nextFinal(): (Waiting & { readonly kind: 'segment' }) | undefined {
    const first = this.#waiting[0];
    return first?.kind === 'segment' ? first : undefined;
  }

  /** The segment being spoken, unless others are in line before it: its partials would come out of order. */
  get inTheMaking(): { readonly drafting: Drafting; readonly open: OpenSegment } | undefined {
    const open = this.#segmenter.open;
    if (open === undefined || this.#waiting.length > 0) return undefined;
    if (this.#drafting === undefined) this.#drafting = new Drafting(open.startSample);
    return { drafting: this.#drafting, open };
  }

  audio(startSample: number, endSample: number): Int16Array {
    return this.#buffer.view(startSample, endSample);
  }

  /** `drafting` is of the open segment, or was when the work began. */
  showPartial(drafting: Drafting): void {
    if (drafting !== this.#drafting || this.#waiting.length > 0) return;
    this.#emit({ type: 'partial', side: this.side, index: this.#index, words: drafting.shown });
  }

  /** The result of `nextFinal`. */
  decide(result: EngineResult, language: string, nowMs: number): void {
    const first = this.#waiting.shift();
    if (first?.kind !== 'segment') throw new Error('decide: no segment is first in line');
    const { startSample, endSample, speechEndSample } = first.segment;
    const index = this.#index;
    this.#index += 1;
    if (result.empty) {
      this.#emit({ type: 'no-words', side: this.side, index, startSample, endSample });
    } else {
      const words = placeWords(result, startSample, endSample);
      const delayMs = nowMs - this.#arrivals.arrivalMs(speechEndSample, nowMs);
      const { text, confidence } = result;
      this.#emit({
        type: 'final',
        side: this.side,
        index,
        startSample,
        endSample,
        text,
        words,
        confidence,
        language,
        delayMs,
      });
    }
    this.settle(nowMs);
  }

  /** A sound that ended without becoming a segment is looked at again. */
  #doubt(): void {
    if (this.#segmenter.open !== undefined) return;
    this.#doubtful = this.#sound;
    this.#sound = undefined;
  }

  #closed(segment: Segment | undefined, nowMs: number): void {
    if (this.#segmenter.open === undefined || segment !== undefined) {
      const drafting = this.#drafting;
      this.#drafting = undefined;
      if (segment !== undefined) this.#queue(segment, drafting ?? new Drafting(segment.startSample), nowMs);
    }
  }

  #queue(segment: Segment, drafting: Drafting, sinceMs: number): void {
    const pcm = this.#buffer.view(segment.startSample, segment.endSample).slice();
    this.#waiting.push({ kind: 'segment', segment, pcm, drafting, sinceMs });
  }

  #miss(sample: number, nowMs: number): void {
    const startSample = this.#buffer.endSample;
    this.#closed(this.#segmenter.flush(startSample), nowMs);
    this.#waiting.push({ kind: 'unheard', startSample, endSample: sample });
    this.#segmenter.resume(sample);
    this.#bursts.resume(sample);
    this.#doubtful = undefined;
    this.#buffer.restart(sample);
    this.#stream.context.fill(0);
    this.#stream.state.fill(0);
    this.#dropUnheard();
  }

  #dropUnheard(): void {
    for (let first = this.#waiting[0]; first?.kind === 'unheard'; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#emit({
        type: 'unheard',
        side: this.side,
        startSample: first.startSample,
        endSample: first.endSample,
      });
    }
  }

  #report(): void {
    if (this.#finished) return;
    const heardSample = this.#segmenter.heardSample;
    const decidedSample = this.#decidedSample;
    const done =
      this.#endSample !== undefined &&
      this.unseenSamples <= 0 &&
      this.#waiting.length === 0 &&
      this.#doubtful === undefined;
    const isDue = heardSample - this.#progressHeard >= progressSamples || decidedSample - this.#progressDecided >= 8000;
    this.#arrivals.forgetBefore(decidedSample);
    if (!done) {
      if (!isDue) return;
      this.#progressHeard = heardSample;
      this.#progressDecided = decidedSample;
      this.#emit({ type: 'progress', side: this.side, decidedSample, heardSample });
      return;
    }
    const endSample = this.#endSample ?? heardSample;
    this.#finished = true;
    this.#emit({ type: 'progress', side: this.side, decidedSample: endSample, heardSample: endSample });
    this.#emit({ type: 'finished', side: this.side, endSample });
  }
}
