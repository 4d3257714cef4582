import type { ChannelSide } from '#sip/types.ts';
import type { EngineResult } from '../engines/types.ts';
import { writtenSpans } from '../numbers/written.ts';
import type { Drafting } from '../partials/drafting.ts';
import { placeWords } from '../partials/words.ts';
import type { Segment } from '../segments/segmenter.ts';
import type { SpeechEvent } from './messages.ts';

/** A segment that is over and waits for its text. */
export interface WaitingSegment {
  readonly kind: 'segment';
  readonly segment: Segment;
  readonly pcm: Int16Array;
  readonly drafting: Drafting;
  /** Found by a second look: only text that the recogniser stands by is believed. */
  readonly faint: boolean;
  readonly sinceMs: number;
}
type Waiting = WaitingSegment | { readonly kind: 'unheard'; readonly startSample: number; readonly endSample: number };

/** Text of a faint sound with less confidence is none. */
const leastFaintConfidence = 0.12;

/** What stands in line on a channel: results leave it in the order of the timeline, and segments get their numbers. */
export class ResultLine {
  readonly #side: ChannelSide;
  readonly #emit: (event: SpeechEvent) => void;
  readonly #waiting: Waiting[] = [];
  #index: number;

  constructor(side: ChannelSide, nextSegment: number, emit: (event: SpeechEvent) => void) {
    this.#side = side;
    this.#index = nextSegment;
    this.#emit = emit;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Held for segments in line. */
  get samples(): number {
    return this.#waiting.reduce((sum, each) => sum + (each.kind === 'segment' ? each.pcm.length : 0), 0);
  }

  get firstSegment(): WaitingSegment | undefined {
    const first = this.#waiting[0];
    return first?.kind === 'segment' ? first : undefined;
  }

  push(segment: WaitingSegment): void {
    this.#waiting.push(segment);
  }

  /** Audio that never came. */
  missed(startSample: number, endSample: number): void {
    this.#waiting.push({ kind: 'unheard', startSample, endSample });
    this.tellMissed();
  }

  /** Of the segment that is being spoken; nothing while others are in line before it. */
  showPartial(drafting: Drafting): void {
    if (this.isEmpty) this.#emit({ type: 'partial', side: this.#side, index: this.#index, words: drafting.shown });
  }

  /** The result of `firstSegment`, so long after its speech had arrived. */
  decide(result: EngineResult, usualLanguage: string, delayMs: number): void {
    const first = this.#waiting.shift();
    if (first?.kind !== 'segment') throw new Error('decide: no segment is first in line');
    const { startSample, endSample } = first.segment;
    const segment = { side: this.#side, index: this.#index, startSample, endSample };
    this.#index += 1;
    const { text, confidence, language = usualLanguage } = result;
    if (result.empty || (first.faint && confidence < leastFaintConfidence)) {
      this.#emit({ type: 'no-words', ...segment });
      return;
    }
    const words = placeWords(result, startSample, endSample);
    const written = language.startsWith('en') ? writtenSpans(words) : [];
    const asWritten = written.length > 0 ? { written } : {};
    this.#emit({ type: 'final', ...segment, text, words, confidence, language, ...asWritten, delayMs });
  }

  /** Tells of missed audio that has come to stand first. */
  tellMissed(): void {
    for (let first = this.#waiting[0]; first?.kind === 'unheard'; first = this.#waiting[0]) {
      this.#waiting.shift();
      const { startSample, endSample } = first;
      this.#emit({ type: 'unheard', side: this.#side, startSample, endSample });
    }
  }
}
