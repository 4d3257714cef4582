import type { TalkSide } from '#sip/types.ts';
import type { EngineResult } from '../engines/types.ts';
import { Drafting } from '../partials/drafting.ts';
import { placeWords } from '../partials/words.ts';
import { Segmenter, type OpenSegment, type Segment } from '../segments/segmenter.ts';
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

/** The least new audio between two `progress` events. */
const progressSamples = 2400;
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
  readonly #arrivals = new Arrivals();
  readonly #waiting: Waiting[] = [];
  #drafting: Drafting | undefined;
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
    if (this.#endSample !== undefined) return;
    if (sample > this.#buffer.endSample) this.#miss(sample, nowMs);
    const skip = this.#buffer.endSample - sample;
    if (skip >= pcm.length) return;
    this.#buffer.append(skip === 0 ? pcm : pcm.subarray(skip));
    this.#arrivals.add(this.#buffer.endSample, nowMs);
  }

  /** No audio comes from `sample` on. */
  end(sample: number, nowMs: number): void {
    if (this.#endSample !== undefined) return;
    if (sample > this.#buffer.endSample) this.#miss(sample, nowMs);
    this.#endSample = this.#buffer.endSample;
  }

  /** The connection is gone: what came is all that comes. */
  endHere(nowMs: number): void {
    this.end(this.#buffer.endSample, nowMs);
  }

  /** The next frame for the voice activity detector. At the end of the audio the last frame is filled with silence. */
  nextFrame(): VadRow | undefined {
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
    this.#closed(this.#segmenter.push(peak <= silencePeak ? 0 : probability, energy), nowMs);
  }

  /** Once no frame is left: closes the last segment, says how far everything is. */
  settle(nowMs: number): void {
    if (this.#endSample !== undefined && this.unseenSamples <= 0 && !this.#finished) {
      this.#closed(this.#segmenter.flush(this.#endSample), nowMs);
    }
    this.#dropUnheard();
    this.#report();
    this.#buffer.dropBefore(this.#segmenter.decidedSample);
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

  #closed(segment: Segment | undefined, nowMs: number): void {
    if (this.#segmenter.open === undefined || segment !== undefined) {
      const drafting = this.#drafting;
      this.#drafting = undefined;
      if (segment === undefined) return;
      this.#waiting.push({
        kind: 'segment',
        segment,
        pcm: this.#buffer.view(segment.startSample, segment.endSample).slice(),
        drafting: drafting ?? new Drafting(segment.startSample),
        sinceMs: nowMs,
      });
    }
  }

  #miss(sample: number, nowMs: number): void {
    const startSample = this.#buffer.endSample;
    this.#closed(this.#segmenter.flush(startSample), nowMs);
    this.#waiting.push({ kind: 'unheard', startSample, endSample: sample });
    this.#segmenter.resume(sample);
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
    const first = this.nextFinal;
    const decidedSample = first === undefined ? this.#segmenter.decidedSample : first.segment.startSample;
    const done = this.#endSample !== undefined && this.unseenSamples <= 0 && this.#waiting.length === 0;
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
