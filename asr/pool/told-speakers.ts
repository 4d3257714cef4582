import { samplesToMs } from '#media/types.ts';
import type { SpokenTurn } from '../speakers/diarization/stream-speakers.ts';
import type { SpeakerTurn } from '../types.ts';

/**
 * What has been told of a side's speakers, whichever process told them apart. A process knows no voices of the one before
 * it: its speakers are numbered on, and somebody who spoke in both has two numbers.
 */
export class ToldSpeakers {
  #before: readonly SpokenTurn[] = [];
  #beforeCount = 0;
  #told: readonly SpokenTurn[] = [];

  /** A process told of its turns: all that are known. */
  take(turns: readonly SpokenTurn[]): void {
    const [first] = turns;
    const before = first === undefined ? this.#before : cut(this.#before, first.startSample);
    this.#told = [...before, ...turns.map((turn) => ({ ...turn, speaker: this.name(turn.speaker) }))];
  }

  /** As the side has it, by the name that the process gives. */
  name(speaker: string): string {
    return String(Number(speaker) + this.#beforeCount);
  }

  /** Another process goes on from here. */
  handOver(decidedSample: number): void {
    this.#before = cut(this.#told, decidedSample);
    this.#told = this.#before;
    this.#beforeCount = this.#told.reduce((most, { speaker }) => Math.max(most, Number(speaker)), 0);
  }

  get isEmpty(): boolean {
    return this.#told.length === 0;
  }

  get turns(): readonly SpeakerTurn[] {
    return this.#told.map(({ startSample, endSample, speaker }) => ({
      startMs: samplesToMs(startSample),
      endMs: samplesToMs(endSample),
      speaker,
    }));
  }
}

function cut(turns: readonly SpokenTurn[], endSample: number): SpokenTurn[] {
  return turns
    .filter((turn) => turn.startSample < endSample)
    .map((turn) => ({ ...turn, endSample: Math.min(turn.endSample, endSample) }));
}
