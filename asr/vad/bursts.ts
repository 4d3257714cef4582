/**
 * Finds short sounds that stand out from the line: what the voice activity detector must look at again when it heard
 * nothing, because it misses quiet and very short words said alone ("two", "eight"). Pure: loudness of frames in,
 * bursts out.
 *
 * The FLOOR follows the quietest frames, down at once and up by 1 dB a second. A burst begins with a frame `riseDb`
 * over it, and ends before `gapFrames` frames under that in a row. Longer than `maxFrames` it is no word said alone, and
 * is forgotten; shorter than `minFrames` it is a click.
 */
export interface BurstOptions {
  readonly frameSamples: number;
  readonly riseDb: number;
  /** The loudest frame of a burst stands at least this far over the floor: music does not, a word on a line does. */
  readonly peakDb: number;
  /** Mean square of a frame under which nothing counts as a sound: -57 dBFS. */
  readonly leastPower: number;
  readonly gapFrames: number;
  readonly minFrames: number;
  readonly maxFrames: number;
}

export const defaultBurstOptions: BurstOptions = {
  frameSamples: 256,
  riseDb: 9,
  peakDb: 18,
  leastPower: 46 * 46,
  gapFrames: 5,
  minFrames: 3,
  maxFrames: 44,
};

export interface Burst {
  readonly startSample: number;
  readonly endSample: number;
}

const floorRiseDbPerSecond = 1;

export class Bursts {
  readonly #options: BurstOptions;
  readonly #floorRise: number;
  readonly #rise: number;
  #atSample: number;
  #floor = Infinity;
  #startSample: number | undefined;
  #endSample = 0;
  /** Of the burst, over the floor at that moment. */
  #peakRise = 0;
  /** A sound that went on for too long: nothing begins until the line is quiet again. */
  #tooLong = false;

  constructor(fromSample: number, options: BurstOptions = defaultBurstOptions) {
    this.#options = options;
    this.#atSample = fromSample;
    this.#floorRise = 10 ** ((floorRiseDbPerSecond * options.frameSamples) / 8000 / 10);
    this.#rise = 10 ** (options.riseDb / 10);
  }

  /** Where the burst began that may be going on; undefined in quiet. */
  get startSample(): number | undefined {
    return this.#tooLong ? undefined : this.#startSample;
  }

  /** The next frame, with its mean square. Returns the burst that it ended. */
  push(power: number): Burst | undefined {
    const options = this.#options;
    const frameStart = this.#atSample;
    this.#atSample += options.frameSamples;
    this.#floor = Math.max(1, Math.min(power, this.#floor * this.#floorRise));
    if (power >= Math.max(options.leastPower, this.#floor * this.#rise)) {
      this.#startSample ??= frameStart;
      this.#peakRise = Math.max(this.#peakRise, power / this.#floor);
      this.#endSample = this.#atSample;
      if (this.#endSample - this.#startSample > options.maxFrames * options.frameSamples) this.#tooLong = true;
      return undefined;
    }
    return this.#atSample - this.#endSample >= options.gapFrames * options.frameSamples ? this.#end() : undefined;
  }

  /** The audio ends, or the detector hears speech after all: a burst that was going on, if it was long enough. */
  flush(): Burst | undefined {
    return this.#end();
  }

  /** Goes on at `sample`. */
  resume(sample: number): void {
    this.#end();
    this.#atSample = sample;
  }

  #end(): Burst | undefined {
    const startSample = this.#startSample;
    const tooLong = this.#tooLong;
    const stood = this.#peakRise >= 10 ** (this.#options.peakDb / 10);
    this.#peakRise = 0;
    this.#startSample = undefined;
    this.#tooLong = false;
    if (startSample === undefined || tooLong || !stood) return undefined;
    const long = this.#endSample - startSample >= this.#options.minFrames * this.#options.frameSamples;
    return long ? { startSample, endSample: this.#endSample } : undefined;
  }
}
