import { Fft } from './fft.ts';
import { frameSamples } from './facts.ts';
import type { Stretch } from './facts.ts';

const size = 512;
const framesPerLook = size / frameSamples;
const lookMs = 64;
/** 125 Hz to 3.25 kHz. */
const firstBin = 8;
const bins = 200;
/** Bins on either side over which a bin's own level is taken: what is left are lines, not the colour of a sound. */
const around = 6;
/** Two looks compared lie 192 ms apart: a note is held for longer, a voice is elsewhere by then. */
const apart = 3;
/** What stays the same for this many looks (3 s) is a hum, not music. */
const farApart = 47;
/** Mean square under which a look is silence: -50 dBFS. */
const leastPower = 100 * 100;
/** The looks that are judged together: 4 s. */
const span = 62;
/** Of them, how many must not be silent. */
const leastSounding = 0.8;
const enter = 0.28;
const leave = 0.13;
/** How much more alike neighbours are than those far apart. */
const leastChange = 0.08;
/** Looks that have another to be compared with three seconds before: one second of them. */
const leastFar = 15;
/** Shorter than this it is not told. */
const leastSamples = 8 * 8000;

interface Look {
  readonly startSample: number;
  readonly isSounding: boolean;
  /** To the look a fifth of a second before; 0 where one of them is silent. */
  readonly likeness: number;
  /** To the look three seconds before. */
  readonly farLikeness: number | undefined;
}

/**
 * Finds music by what it has and speech has not: lines in the spectrum that stand still for a fifth of a second, over
 * seconds without a pause, and that are others some seconds later. Measured over four seconds at a time, with
 * hysteresis. Cheap: one transform in 64 ms, none in silence.
 */
export class Music {
  readonly #tell: (stretch: Stretch) => void;
  readonly #fft = new Fft(size);
  readonly #real = new Float64Array(size);
  readonly #imaginary = new Float64Array(size);
  readonly #log = new Float64Array(firstBin + bins + around + 1);
  readonly #pcm = new Int16Array(size);
  #frames = 0;
  #power = 0;
  #shapes: (Float64Array | undefined)[] = [];
  #looks: Look[] = [];
  #sinceSample: number | undefined;
  #untilSample = 0;

  constructor(tell: (stretch: Stretch) => void) {
    this.#tell = tell;
  }

  /** The next frame, with its mean square. */
  push(startSample: number, frame: Int16Array, power: number): void {
    this.#pcm.set(frame, this.#frames * frameSamples);
    this.#power += power / framesPerLook;
    this.#frames += 1;
    if (this.#frames < framesPerLook) return;
    this.#look(startSample - size + frameSamples);
    this.#frames = 0;
    this.#power = 0;
  }

  /** The audio ends, or something is missing. */
  flush(): void {
    this.#end();
    this.#shapes = [];
    this.#looks = [];
    this.#frames = 0;
    this.#power = 0;
  }

  #look(startSample: number): void {
    const isSounding = this.#power >= leastPower;
    const shape = isSounding ? this.#shape() : undefined;
    const shapes = this.#shapes;
    shapes.push(shape);
    if (shapes.length > farApart + 1) shapes.shift();
    this.#looks.push({
      startSample,
      isSounding,
      likeness: alike(shape, shapes.at(-1 - apart)) ?? 0,
      farLikeness: alike(shape, shapes.at(-1 - farApart)),
    });
    if (this.#looks.length > span) this.#looks.shift();
    if (this.#looks.length === span) this.#judge();
  }

  #judge(): void {
    const looks = this.#looks;
    const sounding = looks.filter((look) => look.isSounding);
    const likeness = mean(sounding.map((look) => look.likeness));
    const isContinuous = sounding.length >= leastSounding * span;
    if (this.#sinceSample === undefined) {
      const far = sounding.flatMap((look) => look.farLikeness ?? []);
      const changes = far.length >= leastFar && likeness - mean(far) >= leastChange;
      if (!isContinuous || !changes || likeness < enter) return;
      this.#sinceSample = looks[0]!.startSample;
    }
    if (isContinuous && likeness >= leave) this.#untilSample = looks[span - 1]!.startSample + size;
    else this.#end();
  }

  #end(): void {
    const startSample = this.#sinceSample;
    this.#sinceSample = undefined;
    if (startSample === undefined || this.#untilSample - startSample < leastSamples) return;
    // It ended within the looks that were judged last: with the last that still stood out.
    this.#tell({ kind: 'music', startSample, endSample: this.#untilSample - this.#tailSamples() });
  }

  /** Of the last looks, those at the end that are silent or unlike music. */
  #tailSamples(): number {
    const last = this.#looks.findLastIndex((look) => look.isSounding && look.likeness >= enter);
    const until = last < 0 ? this.#looks[0]?.startSample : this.#looks[last]!.startSample + size;
    return Math.max(0, Math.min(this.#untilSample - (until ?? this.#untilSample), span * lookMs * 8));
  }

  /** The spectrum's lines: log power of each bin over the mean of those around it. */
  #shape(): Float64Array {
    this.#imaginary.fill(0);
    for (let n = 0; n < size; n += 1) this.#real[n] = this.#pcm[n]! * hann[n]!;
    this.#fft.transform(this.#real, this.#imaginary);
    const log = this.#log;
    for (let bin = 0; bin < log.length; bin += 1) {
      log[bin] = Math.log(this.#real[bin]! ** 2 + this.#imaginary[bin]! ** 2 + 1000);
    }
    const shape = new Float64Array(bins);
    let sum = 0;
    for (let bin = firstBin - around; bin <= firstBin + around; bin += 1) sum += log[bin]!;
    let square = 1e-9;
    for (let at = 0; at < bins; at += 1) {
      const bin = firstBin + at;
      const value = log[bin]! - sum / (2 * around + 1);
      shape[at] = value;
      square += value * value;
      sum += (log[bin + around + 1] ?? 0) - log[bin - around]!;
    }
    const norm = 1 / Math.sqrt(square);
    for (let at = 0; at < bins; at += 1) shape[at] = shape[at]! * norm;
    return shape;
  }
}

const hann = Float64Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));

function alike(one: Float64Array | undefined, other: Float64Array | undefined): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  let sum = 0;
  for (let at = 0; at < bins; at += 1) sum += one[at]! * other[at]!;
  return sum;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
