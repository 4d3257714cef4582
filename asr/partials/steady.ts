import { alignPrefix, bareWord, type TimedWord } from './words.ts';

export interface SteadyOptions {
  /** Two hypotheses place a word at the same spot when its starts are no further apart. */
  readonly sameSpotSamples: number;
  /** A word that two hypotheses agree on is held back when it ends nearer to the end of the audio: it may be cut. */
  readonly edgeSamples: number;
  /** Agreed words below are held back too. */
  readonly minConfidence: number;
  /** A word of at least this confidence is shown at once when it ends `sureEdgeSamples` before the end of the audio. */
  readonly sureConfidence: number;
  readonly sureEdgeSamples: number;
  /** Hypotheses further apart are seldom: then `seldomConfidence` is enough, for a second opinion is long in coming. */
  readonly seldomSamples: number;
  readonly seldomConfidence: number;
}

export const defaultSteadyOptions: SteadyOptions = {
  sameSpotSamples: 3200,
  edgeSamples: 800,
  minConfidence: 0.35,
  sureConfidence: 0.85,
  sureEdgeSamples: 1600,
  seldomSamples: 6400,
  seldomConfidence: 0.6,
};

export interface Hypothesis {
  readonly words: readonly TimedWord[];
  /** Where the audio of the hypothesis ends. */
  readonly endSample: number;
  /** The speaker has paused: the last word is whole. */
  readonly complete: boolean;
}

/**
 * The words to show of a segment that is still being spoken. A word once shown stays until the final text: people
 * would rather read on than see words flicker. New words are shown when they are unlikely to change: when two
 * hypotheses in succession have them at the same spot, when the recogniser is sure of them and has heard what follows,
 * or when the speaker has paused after them.
 */
export class SteadyWords {
  readonly #options: SteadyOptions;
  #shown: readonly TimedWord[] = [];
  #previous: readonly TimedWord[] = [];
  #previousEndSample: number | undefined;
  /** By the time between this hypothesis and the one before. */
  #sureConfidence: number;

  constructor(options: SteadyOptions = defaultSteadyOptions) {
    this.#options = options;
    this.#sureConfidence = options.sureConfidence;
  }

  get shown(): readonly TimedWord[] {
    return this.#shown;
  }

  /** Takes the next hypothesis of the whole segment. True when there is more to show than before. */
  add(hypothesis: Hypothesis): boolean {
    const { words, endSample } = hypothesis;
    const { seldomSamples, seldomConfidence, sureConfidence } = this.#options;
    const isSeldom = endSample - (this.#previousEndSample ?? endSample) > seldomSamples;
    this.#sureConfidence = isSeldom ? seldomConfidence : sureConfidence;
    this.#previousEndSample = endSample;
    const from = alignPrefix(
      this.#shown.map((word) => bareWord(word.text)),
      words.map((word) => bareWord(word.text)),
    );
    let to = from;
    while (to < words.length && this.#isSteady(words[to], hypothesis)) to += 1;
    const more = words.slice(from, to).map((word) => this.#withSureEnd(word, hypothesis));
    this.#previous = words;
    this.#shown = [...this.#shown, ...more];
    return more.length > 0;
  }

  /** Punctuation is shown once two hypotheses have it: what a word is followed by is known later than the word. */
  #withSureEnd(word: TimedWord, hypothesis: Hypothesis): TimedWord {
    if (hypothesis.complete || this.#atTheSameSpot(word)?.text === word.text) return word;
    return { ...word, text: word.text.replace(/[.,!?;:]+$/, '') };
  }

  #isSteady(word: TimedWord | undefined, hypothesis: Hypothesis): boolean {
    if (word === undefined) return false;
    const options = this.#options;
    const toEnd = hypothesis.endSample - word.endSample;
    if (word.confidence < options.minConfidence) return false;
    if (hypothesis.complete) return true;
    if (word.confidence >= this.#sureConfidence && toEnd >= options.sureEdgeSamples) return true;
    return toEnd >= options.edgeSamples && this.#atTheSameSpot(word) !== undefined;
  }

  /** The same word in the hypothesis before. */
  #atTheSameSpot(word: TimedWord): TimedWord | undefined {
    const bare = bareWord(word.text);
    return this.#previous.find(
      (other) =>
        Math.abs(other.startSample - word.startSample) <= this.#options.sameSpotSamples &&
        bareWord(other.text) === bare,
    );
  }
}
