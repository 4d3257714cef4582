import type { ChannelSide } from '#sip/types.ts';
import type { EngineResult } from '../engines/types.ts';
import { writtenSpans } from '../numbers/written.ts';
import type { Drafting } from '../partials/drafting.ts';
import { placeWords } from '../partials/words.ts';
import type { Segment } from '../segments/segmenter.ts';
import type { EchoView } from '../sound/echo/judge.ts';
import { isEcho } from '../sound/echo/verdict.ts';
import type { SpeechEvent, SpeechWord } from './messages.ts';

/** A segment that is over and waits for its text. */
export interface WaitingSegment {
  readonly kind: 'segment';
  readonly segment: Segment;
  readonly pcm: Int16Array;
  readonly drafting: Drafting;
  /** Found by a second look: only text that the recogniser stands by is believed. */
  readonly faint: boolean;
  readonly sinceMs: number;
  /** What is heard of another channel in it, where anything is. */
  readonly echo?: EchoView | undefined;
}
/** What needs no recognition: audio that never came, and speech that is a copy of another channel's. */
interface Known {
  readonly kind: 'unheard' | 'echo';
  readonly startSample: number;
  readonly endSample: number;
}
type Waiting = WaitingSegment | Known;

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

  /** Audio that never came, or a segment that is a copy of another channel's. */
  pushKnown(kind: Known['kind'], startSample: number, endSample: number): void {
    this.#waiting.push({ kind, startSample, endSample });
    this.tellKnown();
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
    const placed = placeWords(result, startSample, endSample);
    const words = first.echo === undefined ? placed : this.#withoutCopies(placed, first.echo, startSample);
    if (words.length === 0) {
      this.#emit({ type: 'no-words', ...segment });
      return;
    }
    const written = language.startsWith('en') ? writtenSpans(words) : [];
    const asWritten = written.length > 0 ? { written } : {};
    const own = words === placed ? text : words.map((word) => word.text).join(' ');
    this.#emit({ type: 'final', ...segment, text: own, words, confidence, language, ...asWritten, delayMs });
  }

  /** The words of somebody who spoke here, and not of another channel that is heard here too. */
  #withoutCopies(words: readonly SpeechWord[], echo: EchoView, startSample: number): readonly SpeechWord[] {
    const isCopy = (word: SpeechWord): boolean =>
      isEcho(echo, word.startSample - startSample, word.endSample - startSample);
    const own = words.filter((word) => !isCopy(word));
    if (own.length === words.length) return words;
    for (const { startSample: from, endSample: to } of words.filter(isCopy)) {
      this.#emit({ type: 'sound', kind: 'echo', side: this.#side, startSample: from, endSample: to });
    }
    return own;
  }

  /** Tells of what needs no recognition and has come to stand first. */
  tellKnown(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.kind !== 'segment'; first = this.#waiting[0]) {
      this.#waiting.shift();
      const { kind, startSample, endSample } = first;
      const stretch = { side: this.#side, startSample, endSample };
      if (kind === 'unheard') {
        this.#emit({ type: 'unheard', ...stretch });
        continue;
      }
      this.#emit({ type: 'no-words', ...stretch, index: this.#index });
      this.#index += 1;
      this.#emit({ type: 'sound', kind: 'echo', ...stretch });
    }
  }
}
