/**
 * Spoken and written numbers made alike for comparison: every number becomes its digits, each a word of its own, so that
 * "two hundred five", "205" and "two oh five" all read "2 0 5". Words are lower case without punctuation.
 */
export function numbersAsDigits(words: readonly string[]): string[] {
  const out: string[] = [];
  let number: SpokenNumber | undefined;
  const flush = (): void => {
    if (number !== undefined) out.push(...number.digits());
    number = undefined;
  };
  words.forEach((word, index) => {
    if (/^\d+$/.test(word)) {
      flush();
      number = new SpokenNumber(word);
      return;
    }
    const next = words[index + 1];
    if (word === 'and' && number?.takesAnd() === true && next !== undefined && small.has(next)) return;
    const isOh = (word === 'oh' || word === 'o') && (number !== undefined || (next !== undefined && isDigit(next)));
    const value = isOh ? 0 : small.get(word);
    const scale = scales.get(word);
    if (value !== undefined) {
      if (number?.add(value) === true) return;
      flush();
      number = new SpokenNumber(String(value));
    } else if (scale !== undefined) {
      if (number?.scale(scale) === true) return;
      flush();
      number = new SpokenNumber('1');
      number.scale(scale);
    } else {
      flush();
      out.push(word);
    }
  });
  flush();
  return out;
}

const units = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen',
  'seventeen eighteen nineteen',
]
  .join(' ')
  .split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const small = new Map<string, number>([
  ...units.map((word, value): [string, number] => [word, value]),
  ...tens.map((word, index): [string, number] => [word, 20 + 10 * index]),
]);
const scales = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
]);

function isDigit(word: string): boolean {
  return /^\d+$/.test(word) || (small.get(word) ?? 10) < 10;
}

/** A number as it is being said, word by word. */
class SpokenNumber {
  /** As written or said first; kept so that leading zeros stay. */
  readonly #text: string;
  #total = 0;
  #current: number;
  /** What the last word's place leaves room for below it: twenty leaves units, hundred leaves two digits. */
  #room: number;
  #changed = false;

  constructor(text: string) {
    this.#text = text;
    this.#current = Number(text);
    this.#room = small.has(tens[this.#current / 10 - 2] ?? '') ? 10 : 1;
  }

  add(value: number): boolean {
    if (value === 0 || value >= this.#room) return false;
    this.#current += value;
    this.#room = value >= 20 && value % 10 === 0 ? 10 : 1;
    this.#changed = true;
    return true;
  }

  scale(factor: number): boolean {
    if (factor === 100) {
      if (this.#current === 0 || this.#current > 99 || this.#room === 1000) return false;
      this.#current *= 100;
      this.#room = 100;
    } else {
      if (this.#current === 0) return false;
      this.#total += this.#current * factor;
      this.#current = 0;
      this.#room = 1000;
    }
    this.#changed = true;
    return true;
  }

  takesAnd(): boolean {
    return this.#room >= 100;
  }

  digits(): string[] {
    return (this.#changed ? String(this.#total + this.#current) : this.#text).split('');
  }
}
