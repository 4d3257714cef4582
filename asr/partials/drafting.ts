import type { EngineResult } from '../engines/types.ts';
import type { OpenSegment, Segment } from '../segments/segmenter.ts';
import { DraftTokens } from './draft-tokens.ts';
import { SteadyWords } from './steady.ts';
import { nextWindow } from './window.ts';
import { placeWords, type TimedWord } from './words.ts';

/** Audio of an open segment whose text is wanted now. */
export interface DraftRequest {
  /** `partial`: the window, up to the last sample heard. `pause`: the window up to its last speech. */
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
 * The text of one segment while it is being spoken. What is asked hears a WINDOW only, so that it stays cheap however
 * long the turn: the window begins anew after a pause, and in the middle of speech once it has grown too long
 * (window.ts); the words before it are COMMITTED. The final text comes from the whole segment; while the segment is one
 * window, the text of its last pause is the final, ready when the turn turns out to be over.
 */
export class Drafting {
  readonly #steady = new SteadyWords();
  readonly #startSample: number;
  #windowSample: number;
  /** Set from a commit at a pause until the next word begins. */
  #committedSample: number | undefined;
  #committed: readonly TimedWord[] = [];
  readonly #tokens = new DraftTokens();
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

  /** Between the words that are shown. */
  get gaps(): readonly number[] {
    return this.shown.slice(1).map(({ startSample }, index) => {
      return Math.round(((this.shown[index]?.endSample ?? startSample) + startSample) / 2);
    });
  }

  /** Where the audio of the last request ended; 0 before the first. */
  get askedSample(): number {
    return this.#askedSample;
  }

  /** A guess at the tokens of the whole segment. */
  get draft(): readonly number[] {
    return this.#tokens.whole;
  }

  /** What to ask now, of what is `wanted`. `asked` must follow when it is done. */
  next(open: OpenSegment, wanted: { readonly partial: boolean; readonly pause: boolean }): DraftRequest | undefined {
    if (this.#committedSample !== undefined && open.spokenSinceSample >= this.#committedSample) {
      this.#windowSample = Math.max(this.#committedSample, open.spokenSinceSample - marginSamples);
      this.#committedSample = undefined;
    }
    if (this.#committedSample !== undefined) return undefined;
    const startSample = this.#windowSample;
    const silenceSamples = open.heardSample - open.speechEndSample;
    if (silenceSamples >= pauseSamples) {
      if (!wanted.pause || this.#askedPauseSample === open.endSample) return undefined;
      return { kind: 'pause', startSample, endSample: open.endSample, draft: this.#tokens.window };
    }
    const isWorthIt =
      open.speechFrames >= leastSpeechFrames && open.speechFrames - this.#askedFrames >= newSpeechFrames;
    if (!wanted.partial || !isWorthIt) return undefined;
    return { kind: 'partial', startSample, endSample: open.heardSample, draft: this.#tokens.window };
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
    const words = [...this.#committed, ...placed];
    this.#tokens.heard(result);
    if (request.kind === 'partial') {
      const more = this.#steady.add({ words, endSample, complete: false });
      this.#shorten(request, placed);
      return more;
    }
    if (startSample === this.#startSample) this.#pause = { endSample, result };
    if (endSample - startSample >= commitSamples) {
      this.#committed = words;
      this.#tokens.leaveAll();
      this.#committedSample = endSample - marginSamples;
    }
    return this.#steady.add({ words, endSample, complete: true });
  }

  /** The final text, when the last pause turned out to be the end. */
  finalOf(segment: Segment): EngineResult | undefined {
    const known = this.#pause;
    if (known === undefined || known.endSample !== segment.endSample) return undefined;
    return segment.startSample === this.#startSample ? known.result : undefined;
  }

  /** Leaves the first part of a window that has grown too long: only words that are shown. */
  #shorten({ startSample, endSample }: DraftRequest, placed: readonly TimedWord[]): void {
    const shownToSample = this.#steady.shown.at(-1)?.endSample ?? 0;
    const next = nextWindow(placed, { startSample, endSample, shownToSample });
    if (next === undefined) return;
    const sure = placed.findLastIndex((word) => word.endSample <= shownToSample) + 1;
    this.#committed = [...this.#committed, ...placed.slice(0, next.words)];
    this.#tokens.leaveAt(next.words, sure);
    this.#windowSample = next.startSample;
  }
}
