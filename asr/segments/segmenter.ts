import { findSplit } from './split.ts';

/**
 * Cuts one channel into segments from the probability of speech in each frame. Pure: frames in, segments out; all
 * positions are samples on the call's timeline.
 *
 * A segment OPENS with the first frame of at least `enter`; it begins `padSamples` before that frame, but never before
 * the end of the segment before it. While it is open somebody is SPEAKING or PAUSING: speaking turns into pausing
 * after `leaveFrames` frames below `leave`, pausing turns into speaking at a frame of at least `enter`. It CLOSES when
 * `endSilenceSamples` have passed since the last frame of speech, and ends `padSamples` after that frame; or by a SPLIT
 * when it has grown to `maxSamples`: then the rest goes on at once as the next open segment. A segment with less than
 * `minSpeechFrames` frames of speech is a click: it vanishes.
 */
export interface SegmenterOptions {
  readonly frameSamples: number;
  readonly enter: number;
  readonly leave: number;
  readonly leaveFrames: number;
  readonly padSamples: number;
  readonly endSilenceSamples: number;
  readonly maxSamples: number;
  readonly minSpeechFrames: number;
}

export const defaultSegmenterOptions: SegmenterOptions = {
  frameSamples: 256,
  enter: 0.5,
  leave: 0.35,
  leaveFrames: 3,
  padSamples: 1200,
  endSilenceSamples: 5600,
  maxSamples: 128_000,
  minSpeechFrames: 3,
};

export interface Segment {
  readonly startSample: number;
  readonly endSample: number;
  /** After the last frame of speech: what the delay of the final text is counted from. */
  readonly speechEndSample: number;
  readonly speechFrames: number;
}

export interface OpenSegment extends Segment {
  readonly heardSample: number;
  readonly speaking: boolean;
  /** Where the present stretch of speech began, or the last one while the speaker pauses. */
  readonly spokenSinceSample: number;
}

interface Open {
  startSample: number;
  firstFrameSample: number;
  spokenSinceSample: number;
  speechEndSample: number;
  speechFrames: number;
  speaking: boolean;
  below: number;
  readonly speech: number[];
  readonly energy: number[];
}

export class Segmenter {
  readonly #options: SegmenterOptions;
  /** End of the frames seen. */
  #heardSample: number;
  /** No segment may begin before. */
  #floorSample: number;
  #open: Open | undefined;
  #gaps: readonly number[] = [];

  constructor(fromSample: number, options: SegmenterOptions = defaultSegmenterOptions) {
    this.#options = options;
    this.#heardSample = fromSample;
    this.#floorSample = fromSample;
  }

  get heardSample(): number {
    return this.#heardSample;
  }

  /** No segment that is still to come begins before. */
  get decidedSample(): number {
    if (this.#open !== undefined) return this.#open.startSample;
    return Math.max(this.#floorSample, this.#heardSample - this.#options.padSamples);
  }

  /** The segment in the making, as it would be if it ended here. */
  get open(): OpenSegment | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    return {
      startSample: open.startSample,
      endSample: Math.min(open.speechEndSample + this.#options.padSamples, this.#heardSample),
      speechEndSample: open.speechEndSample,
      speechFrames: open.speechFrames,
      heardSample: this.#heardSample,
      speaking: open.speaking,
      spokenSinceSample: open.spokenSinceSample,
    };
  }

  /** Where the recogniser has heard one word of the open segment end and the next begin: there it may be split. */
  set gaps(samples: readonly number[]) {
    this.#gaps = samples;
  }

  /** The next frame. `energy` is any measure of loudness. Returns the segment that it closed. */
  push(speech: number, energy: number): Segment | undefined {
    const options = this.#options;
    const frameStart = this.#heardSample;
    this.#heardSample += options.frameSamples;
    if (this.#open === undefined) {
      if (speech < options.enter) return undefined;
      this.#open = {
        startSample: Math.max(this.#floorSample, frameStart - options.padSamples),
        firstFrameSample: frameStart,
        spokenSinceSample: frameStart,
        speechEndSample: frameStart,
        speechFrames: 0,
        speaking: true,
        below: 0,
        speech: [],
        energy: [],
      };
    }
    const open = this.#open;
    open.speech.push(speech);
    open.energy.push(energy);
    this.#follow(open, speech);
    if (this.#heardSample - open.speechEndSample >= options.endSilenceSamples) return this.#close(open);
    if (this.#heardSample - open.startSample >= options.maxSamples) return this.#split(open);
    return undefined;
  }

  /** The audio ends at `endSample`, or something is missing after it: closes what is open. */
  flush(endSample: number): Segment | undefined {
    this.#heardSample = endSample;
    const open = this.#open;
    return open === undefined ? undefined : this.#close(open);
  }

  /**
   * Speech that was found by other means, from `startSample` to `speechEndSample`. Undefined when there is none of it
   * left between the last segment and the open one.
   */
  insert(startSample: number, speechEndSample: number): Segment | undefined {
    if (this.#open !== undefined || startSample < this.#floorSample) return undefined;
    const { padSamples, frameSamples } = this.#options;
    const endSample = Math.min(speechEndSample + padSamples, this.#heardSample);
    const segment: Segment = {
      startSample: Math.max(this.#floorSample, startSample - padSamples),
      endSample,
      speechEndSample: Math.min(speechEndSample, endSample),
      speechFrames: Math.ceil((speechEndSample - startSample) / frameSamples),
    };
    this.#floorSample = endSample;
    return segment;
  }

  /** Goes on at `sample`, with nothing known of what lies between. Only after `flush`. */
  resume(sample: number): void {
    if (this.#open !== undefined) throw new Error('resume: a segment is open');
    this.#heardSample = sample;
    this.#floorSample = Math.max(this.#floorSample, sample);
  }

  #follow(open: Open, speech: number): void {
    const options = this.#options;
    if (speech >= options.enter || (open.speaking && speech >= options.leave)) {
      if (!open.speaking) open.spokenSinceSample = this.#heardSample - options.frameSamples;
      open.speaking = true;
      open.below = 0;
      open.speechFrames += 1;
      open.speechEndSample = this.#heardSample;
      return;
    }
    open.below += 1;
    if (open.below >= options.leaveFrames) open.speaking = false;
  }

  #close(open: Open): Segment | undefined {
    this.#open = undefined;
    if (open.speechFrames < this.#options.minSpeechFrames) return undefined;
    const endSample = Math.min(open.speechEndSample + this.#options.padSamples, this.#heardSample);
    this.#floorSample = endSample;
    return {
      startSample: open.startSample,
      endSample,
      speechEndSample: Math.min(open.speechEndSample, endSample),
      speechFrames: open.speechFrames,
    };
  }

  #split(open: Open): Segment {
    const options = this.#options;
    const count = open.speech.length;
    const gaps = this.#gaps.map((sample) => Math.round((sample - open.firstFrameSample) / options.frameSamples));
    const cut = findSplit(
      open,
      { first: Math.floor(count * 0.6), last: count },
      { leave: options.leave, padFrames: Math.floor(options.padSamples / options.frameSamples), gaps },
    );
    const at = (frame: number): number => open.firstFrameSample + frame * options.frameSamples;
    const isSpeech = (probability: number): boolean => probability >= options.leave;
    const before = open.speech.slice(0, cut.end);
    const after = open.speech.slice(cut.start);
    const segment: Segment = {
      startSample: open.startSample,
      endSample: at(cut.end),
      speechEndSample: at(before.findLastIndex(isSpeech) + 1),
      speechFrames: before.filter(isSpeech).length,
    };
    this.#floorSample = segment.endSample;
    const spoken = after.filter(isSpeech).length;
    this.#open =
      spoken === 0
        ? undefined
        : {
            startSample: at(cut.start),
            firstFrameSample: at(cut.start),
            spokenSinceSample: Math.max(at(cut.start), open.spokenSinceSample),
            speechEndSample: at(cut.start + after.findLastIndex(isSpeech) + 1),
            speechFrames: spoken,
            speaking: open.speaking,
            below: open.below,
            speech: after,
            energy: open.energy.slice(cut.start),
          };
    return segment;
  }
}
