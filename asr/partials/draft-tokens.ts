import type { EngineResult } from '../engines/types.ts';
import { wordSpans } from '../text/tokens.ts';
import { bareWord } from './words.ts';

interface Piece {
  readonly tokens: readonly number[];
  /** Bare words, and where each begins in `tokens`. Empty where tokens and words do not belong together. */
  readonly words: readonly string[];
  readonly starts: readonly number[];
}

const nothing: Piece = { tokens: [], words: [], starts: [] };

/** The tokens of a segment as its windows had them, joined into one guess at the whole. */
export class DraftTokens {
  readonly #before: number[] = [];
  /** What the window before had of the beginning of this one. */
  #overlap: Piece = nothing;
  #window: Piece = nothing;

  /** Of the window being heard. */
  get window(): readonly number[] {
    return this.#window.tokens;
  }

  get whole(): readonly number[] {
    return [...this.#before, ...this.#joined()];
  }

  /** What the window reads now. */
  heard({ tokens, words }: EngineResult): void {
    const spans = wordSpans(tokens);
    const fits = spans.length === words.length;
    this.#window = {
      tokens,
      words: fits ? words.map(({ text }) => bareWord(text)) : [],
      starts: fits ? spans.map(([first]) => first) : [],
    };
  }

  /** The next window begins after all of this one. */
  leaveAll(): void {
    this.#before.push(...this.#joined());
    this.#overlap = nothing;
    this.#window = nothing;
  }

  /** The next window begins with word `first` of this one; the words from there to `sure` will not change. */
  leaveAt(first: number, sure: number): void {
    const joined = this.#pieceOf(this.#joined(), this.#window);
    const start = joined.starts[first];
    if (start === undefined) {
      this.leaveAll();
      return;
    }
    this.#before.push(...joined.tokens.slice(0, start));
    this.#overlap = {
      tokens: joined.tokens.slice(start, joined.starts[sure] ?? joined.tokens.length),
      words: joined.words.slice(first, sure),
      starts: [],
    };
    this.#window = nothing;
  }

  /** The words that both windows have as the one before had them: at its beginning a window hears less well. */
  #joined(): readonly number[] {
    const { words, tokens } = this.#overlap;
    const rest = this.#window.starts[words.length] ?? this.#window.tokens.length;
    const same = words.length > 0 && words.every((word, index) => word === this.#window.words[index]);
    return same ? [...tokens, ...this.#window.tokens.slice(rest)] : this.#window.tokens;
  }

  #pieceOf(tokens: readonly number[], { words }: Piece): Piece {
    const spans = wordSpans(tokens);
    return spans.length === words.length ? { tokens, words, starts: spans.map(([first]) => first) } : this.#window;
  }
}
