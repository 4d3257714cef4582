import { Segmenter, type OpenSegment, type Segment } from '../segments/segmenter.ts';
import { Bursts, type Burst } from '../vad/bursts.ts';
import { rememberContext, vadFrameSamples, type VadRow, type VadStream } from '../vad/silero.ts';
import { SampleBuffer } from './sample-buffer.ts';

/** Kept around a short sound. */
const marginSamples = 1200;
/** The loudest sample of a frame that is silence whatever the model says: two steps of G.711. */
const silencePeak = 16;
/** After so many frames of silence (half a second) more of it tells the model nothing. */
const silentFrames = 16;

/**
 * The audio of one channel and the segments in it: by the voice activity detector, and short sounds that it missed and
 * that are looked at again by themselves. Whoever holds it brings the detector's answers.
 */
export class Listening {
  readonly #stream: VadStream;
  readonly #buffer: SampleBuffer;
  readonly #segmenter: Segmenter;
  readonly #bursts: Bursts;
  /** The last short sound, until it is known whether it lies in a segment. */
  #sound: Burst | undefined;
  /** A sound in which the detector heard nothing, to be looked at again. */
  #doubtful: Burst | undefined;
  /** In a row, up to now. */
  #silentFrames = 0;

  constructor(fromSample: number, stream: VadStream) {
    this.#stream = stream;
    this.#buffer = new SampleBuffer(fromSample);
    this.#segmenter = new Segmenter(fromSample);
    this.#bursts = new Bursts(fromSample);
  }

  /** The end of the audio received. */
  get endSample(): number {
    return this.#buffer.endSample;
  }

  /** The end of the audio looked at. */
  get heardSample(): number {
    return this.#segmenter.heardSample;
  }

  get unseenSamples(): number {
    return this.#buffer.endSample - this.#segmenter.heardSample;
  }

  get open(): OpenSegment | undefined {
    return this.#segmenter.open;
  }

  /** No segment that is still to come begins before. */
  get decidedSample(): number {
    const sound = (this.#doubtful ?? this.#sound)?.startSample ?? this.#bursts.startSample;
    const decided = this.#segmenter.decidedSample;
    return sound === undefined ? decided : Math.min(decided, sound - marginSamples);
  }

  /** Between words of the open segment. */
  set gaps(samples: readonly number[]) {
    this.#segmenter.gaps = samples;
  }

  append(pcm: Int16Array): void {
    this.#buffer.append(pcm);
  }

  /** A view, good until audio is appended or forgotten. */
  audio(startSample: number, endSample: number): Int16Array {
    return this.#buffer.view(startSample, endSample);
  }

  /** A copy of exactly this stretch, with zeros where nothing is held. */
  stretch(startSample: number, endSample: number): Int16Array {
    return this.#buffer.stretch(startSample, endSample);
  }

  forgetBefore(sample: number): void {
    this.#buffer.dropBefore(sample - marginSamples);
  }

  /** The next frame for the detector; none while a sound is in doubt. `ended`: fill the last frame with silence. */
  nextFrame(ended: boolean): VadRow | undefined {
    if (this.#doubtful !== undefined) return undefined;
    const heard = this.heardSample;
    if (this.unseenSamples >= vadFrameSamples) {
      return { stream: this.#stream, pcm: this.#buffer.view(heard, heard + vadFrameSamples), offset: 0 };
    }
    if (!ended || this.unseenSamples <= 0) return undefined;
    const padded = new Int16Array(vadFrameSamples);
    padded.set(this.#buffer.view(heard, this.#buffer.endSample));
    return { stream: this.#stream, pcm: padded, offset: 0 };
  }

  /** The frame is silence that has gone on for a while: `heard` may be told 0 without asking the detector. */
  isSilence({ stream, pcm, offset }: VadRow): boolean {
    if (this.#silentFrames < silentFrames) return false;
    for (let i = offset; i < offset + vadFrameSamples; i += 1) {
      if (Math.abs(pcm[i] ?? 0) > silencePeak) return false;
    }
    rememberContext(stream, pcm, offset);
    return true;
  }

  /** What the detector says of the frame that `nextFrame` gave. Returns the segment that ended with it. */
  heard(row: VadRow, probability: number): Segment | undefined {
    let energy = 0;
    let peak = 0;
    for (let i = 0; i < vadFrameSamples; i += 1) {
      const sample = row.pcm[row.offset + i] ?? 0;
      energy += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    const silent = peak <= silencePeak;
    this.#silentFrames = silent ? this.#silentFrames + 1 : 0;
    const closed = this.#segmenter.push(silent ? 0 : probability, energy);
    this.#doubt(closed, this.#bursts.push(energy / vadFrameSamples));
    return closed;
  }

  /** A short sound in which no speech was heard, with what is around it: does it look like speech after all? */
  get doubtful(): Int16Array | undefined {
    const burst = this.#doubtful;
    return burst && this.#buffer.view(burst.startSample - marginSamples, burst.endSample + marginSamples);
  }

  /** The answer to `doubtful`. Returns the segment that it makes. */
  judge(isSpeech: boolean): Segment | undefined {
    const burst = this.#doubtful;
    this.#doubtful = undefined;
    return burst !== undefined && isSpeech ? this.#segmenter.insert(burst.startSample, burst.endSample) : undefined;
  }

  /** All frames are heard and no more audio comes: the last segment. A sound may be left in doubt. */
  finish(): Segment | undefined {
    const closed = this.#segmenter.flush(this.#buffer.endSample);
    if (this.#doubtful === undefined) this.#doubt(closed, this.#bursts.flush());
    return closed;
  }

  /** The audio goes on at `sample`; all frames before are heard. Returns the segment that was open. */
  skipTo(sample: number): Segment | undefined {
    const closed = this.#segmenter.flush(this.#buffer.endSample);
    this.#segmenter.resume(sample);
    this.#bursts.resume(sample);
    this.#sound = undefined;
    this.#stream.context.fill(0);
    this.#stream.state.fill(0);
    return closed;
  }

  /** After `skipTo`, once the closed segment's audio is taken. */
  restart(sample: number): void {
    this.#buffer.restart(sample);
  }

  /** A sound that has ended is looked at again unless a segment came of it. */
  #doubt(closed: Segment | undefined, burst: Burst | undefined): void {
    this.#sound = closed === undefined ? (burst ?? this.#sound) : undefined;
    if (this.#segmenter.open !== undefined) return;
    this.#doubtful = this.#sound;
    this.#sound = undefined;
  }
}
