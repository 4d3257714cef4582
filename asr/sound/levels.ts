import { frameSamples, speechProbability, type Levels } from './facts.ts';
import { pitchHz, pitchSamples } from './pitch.ts';

const secondSamples = 8000;
/** Told of at once. */
const batchSeconds = 10;
/** Every so many frames of speech its pitch is looked for: eight times a second. */
const pitchEveryFrames = 4;
/** Frames of the noise floor: the last 10 s in which nobody spoke. */
const noiseFrames = 312;
/** No more than this probability of speech: the frame tells of the noise. */
const silenceProbability = 0.2;
/** Fewer frames say nothing about the noise: a third of a second. */
const leastNoiseFrames = 10;
const mostSnrDb = 60;
const fullScale = 32_768;

/**
 * Loudness, pitch, share of speech and signal-to-noise of each second of one channel. The noise is the median power of
 * the last ten seconds' frames without speech; a channel of digital silence between words has as much signal-to-noise
 * as is ever told (60 dB).
 */
export class LevelMeter {
  readonly #tell: (levels: Levels) => void;
  readonly #noise = new Float64Array(noiseFrames);
  readonly #window = new Int16Array(pitchSamples);
  #noiseCount = 0;
  #done: { level: number[]; pitch: (number | null)[]; speech: number[]; snr: (number | null)[] } = empty();
  /** Where the first second of `#done` begins. */
  #startSample: number;
  #second: Second;
  #atSample: number;
  #spoken = 0;

  constructor(fromSample: number, tell: (levels: Levels) => void) {
    this.#tell = tell;
    this.#atSample = fromSample;
    this.#startSample = secondOf(fromSample);
    this.#second = new Second();
  }

  /** The next frame, of `frameSamples`; `power` is its mean square. */
  push(frame: Int16Array, power: number, probability: number): void {
    const second = this.#second;
    second.frames += 1;
    if (probability >= speechProbability) {
      second.speechFrames += 1;
      second.speechPower += power;
    } else if (probability <= silenceProbability) {
      this.#noise[this.#noiseCount % noiseFrames] = power;
      this.#noiseCount += 1;
    }
    this.#listenForPitch(frame, probability);
    const left = this.#startSample + (this.#done.level.length + 1) * secondSamples - this.#atSample;
    this.#atSample += frameSamples;
    if (left > frameSamples) {
      second.energy += power * frameSamples;
      second.samples += frameSamples;
      return;
    }
    let energy = 0;
    for (let n = 0; n < left; n += 1) energy += frame[n]! * frame[n]!;
    second.energy += energy;
    second.samples += left;
    this.#close();
    this.#second.energy = power * frameSamples - energy;
    this.#second.samples = frameSamples - left;
  }

  /** Nothing is known until `sample`; the seconds between are not told of. */
  skipTo(sample: number): void {
    this.flush(this.#atSample);
    this.#atSample = sample;
    this.#startSample = Math.max(this.#startSample, secondOf(sample));
    this.#spoken = 0;
  }

  /** Tells the rest. What was pushed past `endSample` was silence that filled the last frame. */
  flush(endSample: number): void {
    this.#second.samples -= Math.max(0, this.#atSample - endSample);
    if (this.#second.samples > 0) this.#close();
    this.#second = new Second();
    this.#tellDone();
  }

  #listenForPitch(frame: Int16Array, probability: number): void {
    this.#window.copyWithin(0, frameSamples);
    this.#window.set(frame, frameSamples);
    if (probability < speechProbability) {
      this.#spoken = 0;
      return;
    }
    this.#spoken += 1;
    if (this.#spoken % pitchEveryFrames !== 2) return;
    const hz = pitchHz(this.#window);
    if (hz !== null) this.#second.pitches.push(hz);
  }

  #close(): void {
    const second = this.#second;
    this.#second = new Second();
    const done = this.#done;
    done.level.push(round(dbfs(second.energy / second.samples), 10));
    done.pitch.push(second.pitches.length === 0 ? null : round(median(second.pitches), 1));
    done.speech.push(second.frames === 0 ? 0 : round(second.speechFrames / second.frames, 100));
    done.snr.push(this.#snrDb(second));
    if (done.level.length >= batchSeconds) this.#tellDone();
  }

  #snrDb({ speechPower, speechFrames }: Second): number | null {
    const count = Math.min(this.#noiseCount, noiseFrames);
    if (speechFrames === 0 || count < leastNoiseFrames) return null;
    const noise = Math.max(1, median([...this.#noise.subarray(0, count)]));
    const signal = Math.max(noise, speechPower / speechFrames - noise);
    return round(Math.min(mostSnrDb, 10 * Math.log10(signal / noise)), 10);
  }

  #tellDone(): void {
    const { level, pitch, speech, snr } = this.#done;
    if (level.length === 0) return;
    this.#done = empty();
    const startSample = this.#startSample;
    this.#startSample += level.length * secondSamples;
    this.#tell({ startSample, levelDbfs: level, pitchHz: pitch, speech, snrDb: snr });
  }
}

class Second {
  energy = 0;
  samples = 0;
  frames = 0;
  speechFrames = 0;
  speechPower = 0;
  readonly pitches: number[] = [];
}

function empty(): { level: number[]; pitch: (number | null)[]; speech: number[]; snr: (number | null)[] } {
  return { level: [], pitch: [], speech: [], snr: [] };
}

function secondOf(sample: number): number {
  return Math.floor(sample / secondSamples) * secondSamples;
}

/** RMS against a full scale of 1.0; digital silence is -96. */
function dbfs(meanSquare: number): number {
  return Math.max(-96, 10 * Math.log10(meanSquare / fullScale ** 2 + 1e-12));
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
