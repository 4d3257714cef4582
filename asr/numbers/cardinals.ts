import { ordinalOf, scaleNumbers, smallNumbers, tensNumbers } from '#lib/spoken/number-words.ts';
import { textAt, type Clause } from './atoms.ts';

/** Whole numbers, as far as words or figures say one. */
export interface Cardinal {
  readonly to: number;
  readonly value: bigint;
  /** `million` and more, where nothing came after it: people write `5 million`. Then `head` is what stood before. */
  readonly scale: string | null;
  readonly head: bigint;
  /** As an ordinal: `twenty first`. */
  readonly isOrdinal: boolean;
}

const units = new Map(smallNumbers.map((word, value) => [word, value]));
const tens = new Map(tensNumbers.map((word, index) => [word, 20 + 10 * index]));
const scales = new Map<string, bigint>([
  ...scaleNumbers.map((word, index): [string, bigint] => [word, 1000n ** BigInt(index + 1)]),
  ['lakh', 100_000n],
  ['crore', 10_000_000n],
]);
const written = new Set(scaleNumbers.slice(1));
const cardinalOfOrdinal = new Map(
  [...smallNumbers, ...tensNumbers, 'hundred', ...scaleNumbers].map((word) => [ordinalOf(word), word]),
);

export function smallValue(word: string): number | undefined {
  return units.get(word) ?? tens.get(word);
}

/** 1 to 9, or 0. */
export function digitValue(word: string): number | undefined {
  const value = /^\d$/.test(word) ? Number(word) : units.get(word);
  return value !== undefined && value < 10 ? value : undefined;
}

export function isScale(word: string): boolean {
  return word === 'hundred' || scales.has(word);
}

/** The longest number from an atom on; `ordinals`: its last word may be an ordinal, which ends it. */
export function readCardinal(clause: Clause, from: number, ordinals = false): Cardinal | undefined {
  const reader = new CardinalReader(clause, from, ordinals);
  return reader.read();
}

class CardinalReader {
  readonly #clause: Clause;
  readonly #from: number;
  readonly #ordinals: boolean;
  #at: number;
  #isOrdinal = false;

  constructor(clause: Clause, from: number, ordinals: boolean) {
    this.#clause = clause;
    this.#from = from;
    this.#ordinals = ordinals;
    this.#at = from;
  }

  read(): Cardinal | undefined {
    const open = textAt(this.#clause, this.#at);
    // "a hundred and fifty"; "a hundred" alone is a manner of speaking.
    const article = open === 'a' && isScale(this.#plain(this.#at + 1));
    if (article) this.#at++;
    let total = 0n;
    let lastScale = 10n ** 30n;
    let [scale, head]: [string | null, bigint] = [null, 0n];
    for (let first = true; ; first = false) {
      const before = this.#at;
      if (!first && textAt(this.#clause, this.#at) === 'and') this.#at++;
      const group = first && article ? this.#hundreds(1) : this.#group();
      const word = this.#isOrdinal ? '' : this.#plain(this.#at);
      const factor = scales.get(word);
      if (group === undefined || BigInt(group) >= lastScale || (factor !== undefined && factor >= lastScale)) {
        if (first) return undefined;
        this.#at = before;
        break;
      }
      if (!first) [scale, head] = [null, 0n];
      if (factor === undefined || group === 0) {
        total += BigInt(group);
        break;
      }
      this.#step();
      total += BigInt(group) * factor;
      lastScale = factor;
      if (first && written.has(word)) [scale, head] = [word, BigInt(group)];
      if (this.#isOrdinal) break;
    }
    if (article && this.#at === this.#from + 2 && !this.#isOrdinal) return undefined;
    return { to: this.#at, value: total, scale: this.#isOrdinal ? null : scale, head, isOrdinal: this.#isOrdinal };
  }

  /** The word as a cardinal, where ordinals are read. */
  #plain(at: number): string {
    const word = textAt(this.#clause, at);
    return (this.#ordinals ? cardinalOfOrdinal.get(word) : undefined) ?? word;
  }

  #step(): void {
    if (this.#ordinals && cardinalOfOrdinal.has(textAt(this.#clause, this.#at))) this.#isOrdinal = true;
    this.#at++;
  }

  #group(): number | undefined {
    const figure = textAt(this.#clause, this.#at);
    if (/^\d{1,3}$/.test(figure)) {
      this.#at++;
      const value = Number(figure);
      const unit = units.get(this.#plain(this.#at));
      // "20 five"
      if (value >= 20 && value < 100 && value % 10 === 0 && unit !== undefined && unit > 0 && unit < 10) {
        this.#step();
        return value + unit;
      }
      return this.#hundreds(value);
    }
    const value = this.#belowHundred();
    return value === undefined || this.#isOrdinal ? value : this.#hundreds(value);
  }

  /** `value` and what of "hundred", "and", "five" comes after it. */
  #hundreds(value: number): number {
    if (value === 0 || value > 99 || this.#plain(this.#at) !== 'hundred') return value;
    this.#step();
    if (this.#isOrdinal) return value * 100;
    const before = this.#at;
    if (textAt(this.#clause, this.#at) === 'and') this.#at++;
    const rest = this.#belowHundred();
    if (rest === undefined || rest === 0) {
      this.#at = before;
      this.#isOrdinal = false;
      return value * 100;
    }
    return value * 100 + rest;
  }

  #belowHundred(): number | undefined {
    const word = this.#plain(this.#at);
    const ten = tens.get(word);
    if (ten === undefined) {
      const unit = units.get(word);
      if (unit !== undefined) this.#step();
      return unit;
    }
    this.#step();
    const unit = this.#isOrdinal ? undefined : units.get(this.#plain(this.#at));
    if (unit === undefined || unit === 0 || unit > 9) return ten;
    this.#step();
    return ten + unit;
  }
}
