import { sampleRateHz } from '../types.ts';
import { columnsHz, rowsHz } from './frequencies.ts';
import { areSteady } from './steady-tones.ts';

/** 13 ms: any tone of 40 ms covers two whole frames, and a row lies on the next one's first null. */
const frameSamples = 106;
/** Two frames in a row with the same pair of tones are a key, if they prove steady (steady-tones.ts). */
const framesForKey = 2;
/** Of a frame's energy, what the two tones must hold together, and each alone; speech seldom does either. */
const minTonesShare = 0.7;
const minToneShare = 0.08;
/** Mean square of a frame below which nothing is a tone: -46 dBFS. */
const minPower = 25_000;
/** The strongest of its group over the next: 4 dB. */
const minLead = 2.5;
/** Noise can hide the first and last frames of a key: it is taken to be this much longer at both ends. */
const edgeSamples = 2 * frameSamples;

const coefficients = Float64Array.from(
  [...rowsHz, ...columnsHz],
  (hz) => 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz),
);
const none = -1;

export interface ToneListener {
  /** A key's tones sound in [start, end); called again as they go on. */
  tones(start: number, end: number): void;
}

/** The frame before, the two of the pair, the one after: a key of 40 ms lies in these. */
const framesLookedAt = 4;

/**
 * Finds DTMF in the sound itself (Goertzel; ITU-T Q.23 pairs) from 40 ms on, so that it can be silenced. Which key it is
 * stays in here. Two frames with the same pair are looked at as one piece, together with their neighbours, once the
 * frame after them is there; so nothing is decided before: `safeUntil` says how far.
 */
export class ToneDetector {
  readonly #listener: ToneListener;
  /** The last frames, the newest at the end. */
  readonly #frames = new Int16Array(framesLookedAt * frameSamples);
  readonly #frame = this.#frames.subarray(-frameSamples);
  #filled = 0;
  #frameStart = 0;
  #pair = none;
  #pairFrames = 0;
  #pairStart = 0;
  #isKey = false;

  constructor(listener: ToneListener) {
    this.#listener = listener;
  }

  /** The channel's next samples: `pcm[from..to)`. */
  push(pcm: Int16Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const taken = Math.min(to - at, frameSamples - this.#filled);
      this.#frame.set(pcm.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < frameSamples) return;
      this.#judge(tonePair(this.#frame));
      this.#frames.copyWithin(0, frameSamples);
      this.#filled = 0;
      this.#frameStart += frameSamples;
    }
  }

  /** No key that is yet to be told begins before this sample. */
  get safeUntil(): number {
    return (this.#pair === none || this.#isKey ? this.#frameStart : this.#pairStart) - edgeSamples;
  }

  #judge(pair: number): void {
    if (!this.#isKey && this.#pairFrames >= framesForKey) this.#lookClosely();
    if (pair !== this.#pair) {
      this.#pair = pair;
      this.#pairFrames = 0;
      this.#pairStart = this.#frameStart;
      this.#isKey = false;
    }
    if (pair === none) return;
    this.#pairFrames++;
    if (this.#isKey) this.#tell(this.#frameStart + frameSamples);
  }

  /** The frame after the last two of the pair has come. */
  #lookClosely(): void {
    const row = rowsHz[this.#pair >> 2] as number;
    const column = columnsHz[this.#pair & 3] as number;
    this.#isKey = areSteady(this.#frames, frameSamples, row, column, this.#pairFrames);
    if (this.#isKey) this.#tell(this.#frameStart);
  }

  #tell(end: number): void {
    this.#listener.tones(this.#pairStart - edgeSamples, end + edgeSamples);
  }
}

/** 4 * row + column of the one pair of tones that makes up the frame, or -1. */
function tonePair(frame: Int16Array): number {
  let energy = 0;
  for (let i = 0; i < frameSamples; i++) {
    const sample = frame[i] as number;
    energy += sample * sample;
  }
  if (energy < minPower * frameSamples) return none;
  /** A tone that holds share s of the energy has a Goertzel power of about s * energy * frameSamples / 2. */
  const whole = (energy * frameSamples) / 2;
  const column = strongest(frame, 4, whole);
  if (column < 0) return none;
  const row = strongest(frame, 0, whole);
  if (row < 0) return none;
  const share = (powers[row] as number) / whole + (powers[column] as number) / whole;
  return share < minTonesShare ? none : 4 * row + (column - 4);
}

const powers = new Float64Array(8);

/** Index of the tone of a group of four that stands out, or -1. Speech mostly ends here: its columns are weak. */
function strongest(frame: Int16Array, group: number, whole: number): number {
  let best = group;
  let second = 0;
  for (let tone = group; tone < group + 4; tone++) {
    const power = goertzel(frame, coefficients[tone] as number);
    powers[tone] = power;
    if (tone === group) continue;
    if (power > (powers[best] as number)) {
      second = powers[best] as number;
      best = tone;
    } else if (power > second) second = power;
  }
  const power = powers[best] as number;
  return power < minToneShare * whole || power < minLead * second ? -1 : best;
}

function goertzel(frame: Int16Array, coefficient: number): number {
  let older = 0;
  let newer = 0;
  for (let i = 0; i < frameSamples; i++) {
    const next = (frame[i] as number) + coefficient * newer - older;
    older = newer;
    newer = next;
  }
  return newer * newer + older * older - coefficient * newer * older;
}
