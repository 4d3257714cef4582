/** Keys of a telephone by their event numbers (RFC 4733 section 3.2): 0 to 9, `*`, `#`, A to D. */
export const telephoneKeys = '0123456789*#ABCD';

/** 0 to 15 of a key as a sender spells it; undefined where it spells none. */
export function keyOf(spelled: unknown): number | undefined {
  if (typeof spelled !== 'string' || spelled.length !== 1) return undefined;
  const key = telephoneKeys.indexOf(spelled.toUpperCase());
  return key < 0 ? undefined : key;
}

/** Keys further apart than this are not of one code. */
const longestGapMs = 5000;

/** The longest beginning of the code that its first `n` keys end with, for each n (Knuth, Morris, Pratt). */
function fallbacks(code: readonly number[]): number[] {
  const found = [0];
  for (let at = 1, length = 0; at < code.length; at += 1) {
    while (length > 0 && code[at] !== code[length]) length = found[length - 1] ?? 0;
    if (code[at] === code[length]) length += 1;
    found.push(length);
  }
  return found;
}

class CodeMatcher {
  readonly #code: readonly number[];
  readonly #fallbacks: readonly number[];
  #matched = 0;

  constructor(code: string) {
    this.#code = code
      .toUpperCase()
      .split('')
      .map((key) => telephoneKeys.indexOf(key));
    this.#fallbacks = fallbacks(this.#code);
  }

  /** True when this key completes the code. */
  press(key: number): boolean {
    while (this.#matched > 0 && this.#code[this.#matched] !== key)
      this.#matched = this.#fallbacks[this.#matched - 1] ?? 0;
    if (this.#code[this.#matched] === key) this.#matched += 1;
    if (this.#matched < this.#code.length) return false;
    this.#matched = 0;
    return true;
  }

  reset(): void {
    this.#matched = 0;
  }
}

export interface PauseCodes {
  readonly pause?: string | undefined;
  readonly resume?: string | undefined;
}

/**
 * Looks for the codes that pause and resume among the keys of one side. What it remembers is how much of a code has been
 * pressed, never which keys.
 */
export class KeyCodes {
  readonly #pause: CodeMatcher | undefined;
  readonly #resume: CodeMatcher | undefined;
  #lastMs = -Infinity;

  constructor({ pause, resume }: PauseCodes) {
    this.#pause = pause === undefined ? undefined : new CodeMatcher(pause);
    this.#resume = resume === undefined ? undefined : new CodeMatcher(resume);
  }

  /**
   * One press. `key`: 0 to 15; `nowMs`: of any clock that does not go back.
   * @returns whether to pause (true) or to resume (false) when the key completes a code, else undefined
   */
  press(key: number, nowMs: number): boolean | undefined {
    if (nowMs - this.#lastMs > longestGapMs) {
      this.#pause?.reset();
      this.#resume?.reset();
    }
    this.#lastMs = nowMs;
    const pauses = this.#pause?.press(key) === true;
    const resumes = this.#resume?.press(key) === true;
    if (pauses) return true;
    return resumes ? false : undefined;
  }
}
