import type { EngineResult } from '../engines/types.ts';
import type { OpenSegment, Segment } from '../segments/segmenter.ts';
import { SteadyWords } from './steady.ts';
import { placeWords, type TimedWord } from './words.ts';

/** Audio of an open segment whose text is wanted now. */
export interface DraftRequest {
  /**
   * `partial`: the window, up to the last sample heard. `pause`: the whole segment up to its last speech, as its final
   * would be if nothing more were said.
   */
  readonly kind: 'partial' | 'pause';
  readonly startSample: number;
  readonly endSample: number;
  readonly draft: readonly number[];
}

/** Nothing is asked before this many frames of speech: a syllable tells the recogniser nothing. */
const leastSpeechFrames = 9;
/** A partial is worth asking for with this many new frames of speech. */
const newSpeechFrames = 3;
/** A pause of this length may be the end of the turn. */
const pauseSamples = 2048;
/** At a pause a window of at least this length is done with: what follows is heard by itself. */
const commitSamples = 24_000;
/** Margin before the speech with which a new window begins. */
const marginSamples = 1200;

/**
 * The text of one segment while it is being spoken. Partials hear a WINDOW only, which begins anew after a pause, so
 * that they stay cheap however long the turn; the words before it are COMMITTED. The final text comes from the whole
 * segment and is ready at once when nothing was said after the last pause.
 */
export class Drafting {
  readonly #steady = new SteadyWords();
  readonly #startSample: number;
  #windowSample: number;
  /** Set from a commit until the next word begins. */
  #committedSample: number | undefined;
  #committed: readonly TimedWord[] = [];
  #committedTokens: readonly number[] = [];
  #tokens: readonly number[] = [];
  #askedSample = 0;
  #askedFrames = 0;
  #askedPauseSample = 0;
  #pause: { readonly endSample: number; readonly result: EngineResult } | undefined;

  constructor(startSample: number) {
    this.#startSample = startSample;
    this.#windowSample = startSample;
  }

  get shown(): readonly TimedWord[] {
    return this.#steady.shown;
  }

  /** Where the audio of the last request ended; 0 before the first. */
  get askedSample(): number {
    return this.#askedSample;
  }

  /** A guess at the tokens of the whole segment. */
  get draft(): readonly number[] {
    return [...this.#committedTokens, ...this.#tokens];
  }

  /** What to ask now, at most every `intervalSamples` of audio. `asked` must follow when it is done. */
  next(open: OpenSegment, intervalSamples: number): DraftRequest | undefined {
    if (this.#committedSample !== undefined && open.spokenSinceSample >= this.#committedSample) {
      this.#windowSample = Math.max(this.#committedSample, open.spokenSinceSample - marginSamples);
      this.#committedSample = undefined;
    }
    if (intervalSamples === Infinity) return undefined;
    const silenceSamples = open.heardSample - open.speechEndSample;
    if (silenceSamples >= pauseSamples) {
      if (this.#askedPauseSample === open.endSample) return undefined;
      return { kind: 'pause', startSample: this.#startSample, endSample: open.endSample, draft: this.draft };
    }
    const isDue =
      open.heardSample - this.#askedSample >= intervalSamples &&
      open.speechFrames >= leastSpeechFrames &&
      open.speechFrames - this.#askedFrames >= newSpeechFrames;
    if (!isDue || this.#committedSample !== undefined) return undefined;
    return { kind: 'partial', startSample: this.#windowSample, endSample: open.heardSample, draft: this.#tokens };
  }

  asked(request: DraftRequest, open: OpenSegment): void {
    this.#askedSample = request.endSample;
    this.#askedFrames = open.speechFrames;
    if (request.kind === 'pause') this.#askedPauseSample = request.endSample;
  }

  /** The answer. True when there are more words to show. */
  take(request: DraftRequest, result: EngineResult): boolean {
    const { startSample, endSample } = request;
    const placed = placeWords(result, startSample, endSample);
    if (request.kind === 'partial') {
      this.#tokens = result.tokens;
      return this.#steady.add({ words: [...this.#committed, ...placed], endSample, complete: false });
    }
    this.#pause = { endSample, result };
    if (endSample - this.#windowSample >= commitSamples) {
      this.#committed = placed;
      this.#committedTokens = result.tokens;
      this.#tokens = [];
      this.#committedSample = endSample - marginSamples;
    } else if (this.#committed.length === 0) {
      this.#tokens = result.tokens;
    }
    return this.#steady.add({ words: placed, endSample, complete: true });
  }

  /** The final text, when the last pause turned out to be the end. */
  finalOf(segment: Segment): EngineResult | undefined {
    const known = this.#pause;
    if (known === undefined || known.endSample !== segment.endSample) return undefined;
    return segment.startSample === this.#startSample ? known.result : undefined;
  }
}
