import { Diarizer } from './diarizer.ts';
import type { HeardVoice } from './heard-voices.ts';
import type { VoiceTurn } from './placement.ts';
import type { SpeechWindow } from './speech-windows.ts';
import type { ClusterOptions } from './voices.ts';

/** A turn in 8 kHz samples; `speaker` as in asr/types.ts: `1`, `2` ... in the order in which they first spoke. */
export interface SpokenTurn {
  readonly startSample: number;
  readonly endSample: number;
  readonly speaker: string;
}

/** `voices`: of speaker `1` first, then of `2` and so on. `settled`: nothing changes any more. */
export type TellSpeakers = (turns: readonly SpokenTurn[], voices: readonly HeardVoice[], settled: boolean) => void;

/** Of audio: turns are told again after this much, and a sixtieth of the call, if they have changed. */
const tellEverySamples = 8000 * 2;
const tellEveryShare = 1 / 60;

/** The diarizer of one stream as a recogniser's channel drives it: when to tell of turns, and whose a word is. */
export class StreamSpeakers {
  readonly #diarizer: Diarizer;
  readonly #tell: TellSpeakers;
  #nextTellSample: number;
  #told: readonly VoiceTurn[] = [];
  #settled = false;

  constructor(fromSample: number, options: ClusterOptions, tell: TellSpeakers) {
    this.#diarizer = new Diarizer(options);
    this.#nextTellSample = fromSample + tellEverySamples;
    this.#tell = tell;
  }

  heard(startSample: number, frame: Int16Array, probability: number): void {
    this.#diarizer.heard(startSample, frame, probability);
  }

  pause(): void {
    this.#diarizer.pause();
  }

  get waiting(): number {
    return this.#diarizer.waiting;
  }

  take(most: number): SpeechWindow[] {
    return this.#diarizer.take(most);
  }

  embedded(window: SpeechWindow, vector: Float32Array): void {
    this.#diarizer.embedded(window, vector);
  }

  /** Tells of the turns when it is time to. */
  tellWhenDue(heardSample: number): void {
    if (heardSample < this.#nextTellSample) return;
    this.#nextTellSample = heardSample + tellEverySamples + heardSample * tellEveryShare;
    const { turns } = this.#diarizer;
    if (turns === this.#told) return;
    this.#told = turns;
    this.#tell(turns.map(spoken), this.#diarizer.voices, false);
  }

  /** The stream has ended and nothing waits: the last word. Once. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#tell(this.#diarizer.turns.map(spoken), this.#diarizer.voices, true);
  }

  /** Each word with who says the most of it, by what is known now; as it is where nobody is known to. */
  named<Word extends { readonly startSample: number; readonly endSample: number }>(
    words: readonly Word[],
  ): readonly Word[] {
    const { turns } = this.#diarizer;
    let first = 0;
    return words.map((word) => {
      while ((turns[first]?.endSample ?? Infinity) <= word.startSample) first++;
      let most = 0;
      let voice: number | undefined;
      for (let at = first; (turns[at]?.startSample ?? Infinity) < word.endSample; at++) {
        const turn = turns[at];
        if (turn === undefined) break;
        const shared = Math.min(turn.endSample, word.endSample) - Math.max(turn.startSample, word.startSample);
        if (shared > most) [most, voice] = [shared, turn.voice];
      }
      return voice === undefined ? word : { ...word, speaker: String(voice + 1) };
    });
  }
}

function spoken({ startSample, endSample, voice }: VoiceTurn): SpokenTurn {
  return { startSample, endSample, speaker: String(voice + 1) };
}
