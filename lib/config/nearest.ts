/**
 * The candidate that somebody most likely meant: letter case, `_` and `-` do not count, and one letter in three may be
 * wrong. Undefined where none is that near.
 */
export function nearest<Candidate extends string>(
  written: string,
  candidates: Iterable<Candidate>,
): Candidate | undefined {
  const wanted = plain(written);
  let best: Candidate | undefined;
  let least = Math.floor(Math.max(wanted.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function plain(text: string): string {
  return text.slice(0, 64).replaceAll(/[-_]/g, '').toLowerCase();
}

/** Letters to add, leave out, replace, or swap with the next (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let [twoBefore, before]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (before[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (before[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (twoBefore[column - 2] ?? 0) + 1);
      now.push(cost);
    }
    [twoBefore, before] = [before, now];
  }
  return before[b.length] ?? 0;
}
