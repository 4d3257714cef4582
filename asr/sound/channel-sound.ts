import { frameSamples, type Levels, type Stretch } from './facts.ts';
import { LevelMeter } from './levels.ts';
import { Music } from './music.ts';
import { Tones } from './tones.ts';

export type SoundFact = ({ readonly type: 'sound' } & Stretch) | ({ readonly type: 'levels' } & Levels);

/**
 * What is heard on one channel besides words: levels second by second, tones, music. Fed with the frames of the voice
 * activity detector and its answers, in order and without holes but for those it is told of.
 */
export class ChannelSound {
  readonly #levels: LevelMeter;
  readonly #tones: Tones;
  readonly #music: Music;

  constructor(fromSample: number, tell: (fact: SoundFact) => void) {
    const stretch = (each: Stretch): void => tell({ type: 'sound', ...each });
    this.#levels = new LevelMeter(fromSample, (levels) => tell({ type: 'levels', ...levels }));
    this.#tones = new Tones(stretch);
    this.#music = new Music(stretch);
  }

  /** The next frame, of `frameSamples` at 8 kHz, and the detector's probability of speech in it. */
  heard(startSample: number, frame: Int16Array, probability: number): void {
    let energy = 0;
    for (let n = 0; n < frameSamples; n += 1) energy += frame[n]! * frame[n]!;
    const power = energy / frameSamples;
    this.#levels.push(frame, power, probability);
    this.#tones.push(startSample, frame, power, probability);
    this.#music.push(startSample, frame, power);
  }

  /** What lies before `sample` never came. */
  skipTo(sample: number): void {
    this.#tones.flush();
    this.#music.flush();
    this.#levels.skipTo(sample);
  }

  /** The channel has ended: tells the rest. */
  end(endSample: number): void {
    this.#tones.flush();
    this.#music.flush();
    this.#levels.flush(endSample);
  }
}
