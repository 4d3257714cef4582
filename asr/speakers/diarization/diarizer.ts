import { heardVoices, type HeardVoice } from './heard-voices.ts';
import { placeVoices, type PlacedVector, type VoiceTurn } from './placement.ts';
import { SpeechWindows, type SpeechWindow } from './speech-windows.ts';
import { Voices, type ClusterOptions } from './voices.ts';

/** Windows that may wait for the model; of more the oldest is dropped, and its speech goes to who speaks around it. */
const mostWaiting = 64;
/** A window of less speech is placed, but makes no voice. */
const leastVoiceSamples = 6400;

/**
 * Who speaks when on one stream. Pure: frames with what the voice activity detector says of them in, windows to embed
 * out, their vectors in, turns out. An hour of speech holds about 4 MB (a vector each half second) and asks for 7200
 * embeddings; `turns` then takes some ten ms.
 */
export class Diarizer {
  readonly #windows = new SpeechWindows();
  readonly #voices: Voices;
  readonly #waiting: SpeechWindow[] = [];
  readonly #vectors: PlacedVector[] = [];
  #turns: readonly VoiceTurn[] = [];
  #placed = 0;

  constructor(options: ClusterOptions) {
    this.#voices = new Voices(options);
  }

  heard(startSample: number, frame: Int16Array, probability: number): void {
    this.#wait(this.#windows.push(startSample, frame, probability));
  }

  /** What follows is missing, or nothing follows. */
  pause(): void {
    this.#wait(this.#windows.end());
  }

  #wait(windows: readonly SpeechWindow[]): void {
    this.#waiting.push(...windows);
    if (this.#waiting.length > mostWaiting) this.#waiting.splice(0, this.#waiting.length - mostWaiting);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The next windows to embed, at most so many; each comes back by `embedded`, in this order. */
  take(most: number): SpeechWindow[] {
    return this.#waiting.splice(0, most);
  }

  embedded({ startSample, endSample }: SpeechWindow, vector: Float32Array): void {
    this.#vectors.push({ startSample, endSample, vector });
    if (endSample - startSample >= leastVoiceSamples) this.#voices.add(vector);
  }

  /** All turns so far, by all that has been embedded so far. */
  get turns(): readonly VoiceTurn[] {
    if (this.#placed !== this.#vectors.length) {
      this.#placed = this.#vectors.length;
      this.#turns = placeVoices(this.#windows.stretches, this.#vectors, this.#voices.find());
    }
    return this.#turns;
  }

  /** The voices of `turns`, by their numbers. */
  get voices(): readonly HeardVoice[] {
    return heardVoices(this.turns, this.#vectors);
  }
}
