/** Most tokens that speech of this length can hold; speech runs at 3 to 5 a second. */
export function tokenCap(seconds: number): number {
  return Math.ceil(6.5 * seconds) + 4;
}

/**
 * Where a decoder has begun to repeat itself: the length to cut the tokens to so that one copy is left, or undefined.
 * A loop is a run of 1 or 2 tokens five times over, or one of 3 to 8 four times over, at the end.
 */
export function loopCut(tokens: readonly number[]): number | undefined {
  for (let period = 1; period <= 8; period++) {
    const copies = period <= 2 ? 5 : 4;
    if (repeats(tokens, period, copies)) return tokens.length - period * (copies - 1);
  }
  return undefined;
}

function repeats(tokens: readonly number[], period: number, copies: number): boolean {
  const length = tokens.length;
  if (length < period * copies) return false;
  for (let back = 1; back <= period * (copies - 1); back++) {
    if (tokens[length - back] !== tokens[length - back - period]) return false;
  }
  return true;
}
