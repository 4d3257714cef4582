import { samplesToMs } from '#media/types.ts';
import type { SpeechEvent } from '../process/messages.ts';
import { likeness, together, type HeardVoice } from '../speakers/diarization/heard-voices.ts';
import type { SpokenTurn } from '../speakers/diarization/stream-speakers.ts';
import type { SpeakerTurn } from '../types.ts';

type Told = Pick<Extract<SpeechEvent, { type: 'speakers' }>, 'turns' | 'voices' | 'sameVoice'>;

/**
 * What has been told of a side's speakers, whichever process told them apart. A process knows no voices of the one before
 * it: here they are held against each other, and a voice that was heard before keeps its number. Others are numbered on.
 */
export class ToldSpeakers {
  #before: readonly SpokenTurn[] = [];
  #beforeCount = 0;
  #beforeVoices: ReadonlyMap<string, HeardVoice> = new Map();
  #told: readonly SpokenTurn[] = [];
  #voices: readonly HeardVoice[] = [];
  /** By the numbers of the process. */
  #names: readonly string[] = [];

  /** A process told of its turns: all that are known. */
  take({ turns, voices, sameVoice }: Told): void {
    const [first] = turns;
    const before = first === undefined ? this.#before : cut(this.#before, first.startSample);
    this.#voices = voices;
    this.#names = this.#namesOf(voices, sameVoice);
    this.#told = [...before, ...turns.map((turn) => ({ ...turn, speaker: this.name(turn.speaker) }))];
  }

  /** The likest first, each at most once. */
  #namesOf(voices: readonly HeardVoice[], sameVoice: number): string[] {
    const pairs = voices.flatMap((voice, index) =>
      Array.from(this.#beforeVoices, ([name, known]) => ({ index, name, alike: likeness(voice, known) })),
    );
    const names = new Map<number, string>();
    const taken = new Set<string>();
    for (const { index, name, alike } of pairs.toSorted((a, b) => b.alike - a.alike)) {
      if (alike < sameVoice || names.has(index) || taken.has(name)) continue;
      names.set(index, name);
      taken.add(name);
    }
    let count = this.#beforeCount;
    return voices.map((_, index) => names.get(index) ?? String((count += 1)));
  }

  /** As the side has it, by the name that the process gives. */
  name(speaker: string): string {
    const number = Number(speaker);
    return this.#names[number - 1] ?? String(number + this.#beforeCount);
  }

  /** Another process goes on from here. */
  handOver(decidedSample: number): void {
    this.#before = cut(this.#told, decidedSample);
    const named = new Map(this.#beforeVoices);
    this.#voices.forEach((voice, index) => {
      const name = this.#names[index] ?? '';
      const known = named.get(name);
      named.set(name, known === undefined ? voice : together(known, voice));
    });
    const left = new Set(this.#before.map(({ speaker }) => speaker));
    this.#beforeVoices = new Map([...named].filter(([name]) => left.has(name)));
    this.#beforeCount = this.#before.reduce((most, { speaker }) => Math.max(most, Number(speaker)), 0);
    this.#told = this.#before;
    this.#voices = [];
    this.#names = [];
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
