export interface Alignment {
  /** In order; a side is undefined where the other has a word with no counterpart. */
  readonly pairs: readonly { readonly reference: string | undefined; readonly heard: string | undefined }[];
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
}

/** The cheapest way to turn `reference` into `heard`, word by word (Levenshtein); matches are preferred early. */
export function alignWords(reference: readonly string[], heard: readonly string[]): Alignment {
  const stride = heard.length + 1;
  const cost = new Uint32Array((reference.length + 1) * stride);
  for (let row = 0; row <= reference.length; row++) {
    for (let column = 0; column <= heard.length; column++) {
      const at = row * stride + column;
      if (row === 0 || column === 0) {
        cost[at] = row + column;
        continue;
      }
      const same = reference[row - 1] === heard[column - 1] ? 0 : 1;
      cost[at] = Math.min((cost[at - stride - 1] ?? 0) + same, (cost[at - stride] ?? 0) + 1, (cost[at - 1] ?? 0) + 1);
    }
  }
  const pairs: { reference: string | undefined; heard: string | undefined }[] = [];
  let [substitutions, deletions, insertions] = [0, 0, 0];
  for (let row = reference.length, column = heard.length; row > 0 || column > 0;) {
    const at = row * stride + column;
    const here = cost[at] ?? 0;
    const word = row > 0 ? reference[row - 1] : undefined;
    const other = column > 0 ? heard[column - 1] : undefined;
    const same = word === other ? 0 : 1;
    if (row > 0 && column > 0 && here === (cost[at - stride - 1] ?? 0) + same) {
      pairs.push({ reference: word, heard: other });
      substitutions += same;
      row--;
      column--;
    } else if (row > 0 && here === (cost[at - stride] ?? 0) + 1) {
      pairs.push({ reference: word, heard: undefined });
      deletions++;
      row--;
    } else {
      pairs.push({ reference: undefined, heard: other });
      insertions++;
      column--;
    }
  }
  return { pairs: pairs.toReversed(), substitutions, deletions, insertions };
}
