/** A word that stood on the screen: when it came, and whether it stayed. */
export interface ShownWord {
  readonly text: string;
  readonly shownAtMs: number;
  readonly inPartial: boolean;
  /** Replaced or removed later, in the final text or before. */
  changed: boolean;
  /** Stayed the same word, but case or punctuation changed. */
  restyled: boolean;
  current: string;
}

/**
 * What a reader of one segment sees: each list of words replaces the one before. A word that is still there (longest
 * common subsequence, without case and punctuation) is the same word; every other is a new one, and those that have
 * gone count as changed, however briefly they were shown.
 */
export class Display {
  #now: ShownWord[] = [];
  readonly all: ShownWord[] = [];

  show(words: readonly string[], atMs: number, inPartial: boolean): readonly ShownWord[] {
    const kept = matchWords(
      this.#now.map((word) => bare(word.current)),
      words.map(bare),
    );
    const stay = new Set(kept.values());
    this.#now.forEach((word, index) => {
      if (!stay.has(index)) word.changed = true;
    });
    this.#now = words.map((text, index) => {
      const old = this.#now[kept.get(index) ?? -1];
      if (old !== undefined) {
        if (old.current !== text) old.restyled = true;
        old.current = text;
        return old;
      }
      const word = { text, shownAtMs: atMs, inPartial, changed: false, restyled: false, current: text };
      this.all.push(word);
      return word;
    });
    return this.#now;
  }
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}']/gu, '');
}

/** Longest common subsequence: index in `after` -> index in `before`. */
function matchWords(before: readonly string[], after: readonly string[]): Map<number, number> {
  const table = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const longer = Math.max(table[i + 1]?.[j] ?? 0, table[i]?.[j + 1] ?? 0);
      const row = table[i];
      if (row !== undefined) row[j] = before[i] === after[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : longer;
    }
  }
  const pairs = new Map<number, number>();
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      pairs.set(j, i);
      i += 1;
      j += 1;
    } else if ((table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return pairs;
}
