import { encodeText, startsWord } from '../../text/tokens.ts';

/** In nats: for a token that begins a phrase, and for one that goes on with it. */
const firstBonus = 2;
const insideBonus = 4;

interface Node {
  readonly next: Map<number, Node>;
}

/** Phrases as the tokens that write them, to make these likelier. */
export class PhraseTrie {
  readonly #root: Node = { next: new Map() };
  #longest = 0;

  constructor(phrases: readonly string[]) {
    for (const phrase of phrases) {
      const tokens = encodeText(phrase.trim());
      this.#longest = Math.max(this.#longest, tokens.length);
      let node = this.#root;
      for (const token of tokens) {
        const next = node.next.get(token) ?? { next: new Map() };
        node.next.set(token, next);
        node = next;
      }
    }
  }

  /** How much likelier each token becomes after these, which are what has been written so far. Tokens not named: 0. */
  bonuses(tokens: readonly number[]): ReadonlyMap<number, number> {
    const bonuses = new Map<number, number>();
    for (const token of this.#root.next.keys()) bonuses.set(token, firstBonus);
    for (let start = Math.max(0, tokens.length - this.#longest + 1); start < tokens.length; start++) {
      if (!startsWord(tokens[start] ?? -1)) continue;
      const node = this.#follow(tokens, start);
      for (const token of node?.next.keys() ?? []) bonuses.set(token, insideBonus);
    }
    return bonuses;
  }

  #follow(tokens: readonly number[], start: number): Node | undefined {
    let node: Node | undefined = this.#root;
    for (let index = start; index < tokens.length && node !== undefined; index++) {
      node = node.next.get(tokens[index] ?? -1);
    }
    return node;
  }
}

const compiled = new WeakMap<readonly string[], PhraseTrie>();

/** Of one array, made once: all requests of a call bring the same. */
export function trieOf(phrases: readonly string[]): PhraseTrie | undefined {
  if (phrases.length === 0) return undefined;
  const trie = compiled.get(phrases) ?? new PhraseTrie(phrases);
  compiled.set(phrases, trie);
  return trie;
}
