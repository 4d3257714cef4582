/** A stretch of one text and what stands in its place in another: words `from` to `to - 1`, either may be empty. */
export interface Piece {
  readonly old: { readonly from: number; readonly to: number };
  readonly new: { readonly from: number; readonly to: number };
  /** The same words, one by one; else they were replaced, added or taken out. */
  readonly same: boolean;
}

/** As two people would hold them to be the same word: without case and punctuation. */
export function bareWord(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/^[^\p{L}\p{N}[]+|[^\p{L}\p{N}\]]+$/gu, '');
}

/** The two texts side by side, with as few words changed as can be (Levenshtein); pieces of a kind are one. */
export function alignTexts(old: readonly string[], next: readonly string[]): readonly Piece[] {
  const [rows, columns] = [old.length + 1, next.length + 1];
  const a = old.map(bareWord);
  const b = next.map(bareWord);
  const costs = new Uint32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      costs[row * columns + column] = cost(row, column);
    }
  }
  function cost(row: number, column: number): number {
    if (row === 0 || column === 0) return row + column;
    const changed = a[row - 1] === b[column - 1] ? 0 : 1;
    return Math.min(at(row - 1, column - 1) + changed, at(row - 1, column) + 1, at(row, column - 1) + 1);
  }
  function at(row: number, column: number): number {
    return costs[row * columns + column] ?? 0;
  }
  const pieces: Piece[] = [];
  let [row, column] = [rows - 1, columns - 1];
  while (row > 0 || column > 0) {
    const same = row > 0 && column > 0 && a[row - 1] === b[column - 1] && at(row, column) === at(row - 1, column - 1);
    const replaced = same || (row > 0 && column > 0 && at(row, column) === at(row - 1, column - 1) + 1);
    const gone = !replaced && row > 0 && at(row, column) === at(row - 1, column) + 1;
    const [rowBefore, columnBefore] = [row - (replaced || gone ? 1 : 0), column - (replaced || !gone ? 1 : 0)];
    const last = pieces[0];
    const piece: Piece = {
      old: { from: rowBefore, to: last?.same === same ? last.old.to : row },
      new: { from: columnBefore, to: last?.same === same ? last.new.to : column },
      same,
    };
    if (last?.same === same) pieces[0] = piece;
    else pieces.unshift(piece);
    [row, column] = [rowBefore, columnBefore];
  }
  return pieces;
}
