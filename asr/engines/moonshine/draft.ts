/** So many tokens further on in a draft what was chosen is looked for. */
const reach = 8;

/**
 * A guess at the tokens to come, followed as they are chosen. Where another token is chosen than the draft has, its rest
 * may still be right, moved by a few tokens: it is taken up again after the next chosen token that it holds. A guess taken
 * up wrongly costs a step of more tokens than one, nothing else.
 */
export class Draft {
  readonly #tokens: readonly number[];
  /** Where the draft was last right. */
  #at = 0;
  /** Tokens chosen since then. */
  #astray = 0;

  constructor(tokens: readonly number[]) {
    this.#tokens = tokens;
  }

  follow(chosen: number): void {
    if (this.#astray === 0 && this.#tokens[this.#at] === chosen) {
      this.#at++;
      return;
    }
    this.#astray++;
    const found = this.#nearest(chosen, this.#at + this.#astray - 1);
    if (found === undefined) return;
    this.#at = found + 1;
    this.#astray = 0;
  }

  /** What may follow the token chosen last, `most` tokens of it at most; nothing while the draft is astray. */
  rest(most = Infinity): readonly number[] {
    return this.#astray > 0 ? [] : this.#tokens.slice(this.#at, this.#at + most);
  }

  /** The place of a token that lies nearest to `expected`, not before the last right one. */
  #nearest(token: number, expected: number): number | undefined {
    for (let distance = 0; distance <= reach; distance++) {
      if (this.#tokens[expected + distance] === token) return expected + distance;
      const before = expected - distance;
      if (before >= this.#at && this.#tokens[before] === token) return before;
    }
    return undefined;
  }
}
