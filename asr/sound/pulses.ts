import { frameSamples } from './facts.ts';
import { linesOf } from './lines.ts';
import { predict } from './prediction.ts';

/** One or two steady tones, from their beginning to their end. */
export interface Pulse {
  readonly startSample: number;
  readonly endSample: number;
  /** The stronger first. */
  readonly hz: readonly number[];
  /** Of its energy, what lies in these lines. */
  readonly share: number;
}

/** By which a frame may be a tone (see prediction.ts): also of the longest vowels, which the lines of a pulse then rule out. */
const tonalGainDb = 23;
/** Mean square under which nothing is a tone: -50 dBFS. */
const leastPower = 100 * 100;
/** A tone that gets louder or fainter than this is another one; two tones at once beat. */
const mostPowerChange = 6;
/** Between the cosines of two frames' frequencies. */
const mostTurn = 0.06;
/** A break no longer than this is none: fax modems turn the phase of theirs around every 450 ms. */
const bridgedFrames = 2;
const leastFrames = 4;
const keptSamples = 2048;

interface Open {
  startSample: number;
  endSample: number;
  frames: number;
  power: number;
  turn: number;
  missing: number;
  kept: number;
}

/** Finds the tones of one channel. Pure: frames in, pulses out. */
export class Pulses {
  readonly #samples = new Int16Array(keptSamples);
  #open: Open | undefined;
  /** Of the frame before. */
  #lastPower = 0;

  /** The tone that may be going on began here. */
  get startSample(): number | undefined {
    return this.#open?.startSample;
  }

  /** The next frame, with its mean square. Returns the pulse that ended before it. */
  push(startSample: number, frame: Int16Array, power: number): Pulse | undefined {
    const open = this.#open;
    const { gainDb, turn } = power < leastPower ? { gainDb: 0, turn: 0 } : predict(frame);
    const isTonal = gainDb >= tonalGainDb;
    const before = this.#lastPower;
    this.#lastPower = power;
    if (open === undefined) {
      if (isTonal) this.#begin(startSample, frame, power, turn, before);
      return undefined;
    }
    const ratio = power / open.power;
    const goesOn = isTonal && ratio < mostPowerChange && ratio > 1 / mostPowerChange;
    if (goesOn && Math.abs(turn - open.turn) < mostTurn) {
      open.frames += 1;
      open.missing = 0;
      open.power += (power - open.power) / Math.min(open.frames, 16);
      open.endSample = startSample + frameSamples;
      this.#keep(frame, open);
      return undefined;
    }
    // The frame in which it stops holds a part of it.
    if (open.missing === 0 && !isTonal) open.endSample += Math.round(Math.min(1, ratio) * frameSamples);
    open.missing += 1;
    if (!isTonal && open.missing <= bridgedFrames) return undefined;
    const ended = this.flush();
    if (isTonal) this.#begin(startSample, frame, power, turn, before);
    return ended;
  }

  /** No more of it comes. */
  flush(): Pulse | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.frames < leastFrames) return undefined;
    const { hz, share } = linesOf(this.#samples.subarray(0, open.kept));
    return { startSample: open.startSample, endSample: open.endSample, hz, share };
  }

  #begin(startSample: number, frame: Int16Array, power: number, turn: number, before: number): void {
    // The frame before may hold its beginning.
    const early = Math.round(Math.min(1, before / power) * frameSamples);
    this.#open = {
      startSample: startSample - early,
      endSample: startSample + frameSamples,
      frames: 1,
      power,
      turn,
      missing: 0,
      kept: 0,
    };
    this.#keep(frame, this.#open);
  }

  /** Its first 256 ms. */
  #keep(frame: Int16Array, open: Open): void {
    const room = keptSamples - open.kept;
    if (room <= 0) return;
    this.#samples.set(frame.subarray(0, room), open.kept);
    open.kept += Math.min(room, frame.length);
  }
}
