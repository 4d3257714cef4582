import { isDeepStrictEqual } from 'node:util';
import type { SpeakerTurn, Word } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { complement, union, type Interval } from '../metrics/intervals.ts';
import type { Utterance, Voice, VoiceMatch } from '../types.ts';
import { isOverlapped, speakerOf, speakersIn } from './turns.ts';

interface Known {
  readonly name: string;
  readonly match: VoiceMatch;
}

/** What is known of the voices on one side of a call. */
export class SideVoices {
  readonly #isShared: boolean;
  #turns: readonly SpeakerTurn[] = [];
  #settled = false;
  /** By label; null: the side's one voice. */
  readonly #known = new Map<string | null, Known>();

  constructor(side: ChannelSide) {
    this.#isShared = side === 'mixed';
  }

  get turns(): readonly SpeakerTurn[] {
    return this.#turns;
  }

  /** On a side that is one party's it takes a second voice: the first is the party's. */
  get isApart(): boolean {
    return this.#isShared ? this.#turns.length > 0 : speakersIn(this.#turns).length > 1;
  }

  told(turns: readonly SpeakerTurn[], settled: boolean): void {
    this.#turns = turns;
    this.#settled = settled;
  }

  identified(label: string | null, known: Known): void {
    this.#known.set(label, known);
  }

  /**
   * Each word with its speaker. While turns may still change, what came with the word is the newer; when they are settled,
   * they are right. Where two speak at once it stays with who said it before.
   */
  labelled(words: readonly Word[], before?: string): readonly Word[] {
    return words.map((word) => {
      const byTurns = speakerOf([word], this.#turns, before);
      const speaker = this.#settled ? (byTurns ?? word.speaker) : (word.speaker ?? byTurns);
      return speaker === undefined ? word : { ...word, speaker };
    });
  }

  /**
   * The utterance with who says it by what is known now; the same object where that is what it says.
   * @param base who speaks where voices tell nothing
   * @param label that came with its words; what is known by turns is not asked then
   */
  named(utterance: Utterance, base: string, label?: string): Utterance {
    const heard = this.#heardIn(utterance, base, label);
    const known = this.#known.get(heard?.label ?? null);
    const match = known?.match ?? null;
    const voice: Voice | undefined =
      heard === undefined && match === null
        ? undefined
        : { label: null, overlaps: false, unnamed: base, ...heard, match };
    const speaker = known?.name ?? voice?.unnamed ?? base;
    if (speaker === utterance.speaker && isDeepStrictEqual(voice, utterance.voice)) return utterance;
    const { voice: _before, ...rest } = utterance;
    return voice === undefined ? { ...rest, speaker } : { ...rest, speaker, voice };
  }

  /** Where nobody else of the stream speaks. */
  heardAlone(label: string | null, spoken: readonly Interval[]): readonly Interval[] {
    if (label === null) return union(spoken);
    const own = this.#turns.filter(({ speaker }) => speaker === label);
    const others = union(this.#turns.filter(({ speaker }) => speaker !== label));
    return union(own).flatMap((turn) => complement(others, turn));
  }

  #heardIn(utterance: Utterance, base: string, came: string | undefined): Omit<Voice, 'match'> | undefined {
    const { words, startMs, endMs } = utterance;
    const label = came ?? speakerOf(words, this.#turns, utterance.voice?.label ?? undefined);
    if (label === undefined || !(this.isApart || this.#isShared)) return undefined;
    const unnamed = this.#isShared ? `Speaker ${label}` : `${base}, speaker ${label}`;
    return { label, overlaps: isOverlapped({ startMs, endMs }, label, this.#turns), unnamed };
  }
}
