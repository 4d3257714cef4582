import { describe, expect, test } from 'vitest';
import { Draft } from './draft.ts';

/** Steps that tokens cost when the draft is fed as the decoder feeds it: each ends with the first token not foreseen. */
function stepsFor(tokens: readonly number[], guess: readonly number[]): number {
  const draft = new Draft(guess);
  let steps = 0;
  for (let next = 0; next < tokens.length;) {
    steps++;
    const fed = draft.rest();
    for (let index = 0; next < tokens.length; index++) {
      const chosen = tokens[next++] ?? 0;
      draft.follow(chosen);
      if (chosen !== fed[index]) break;
    }
  }
  return steps;
}

describe('a draft', () => {
  const tokens = Array.from({ length: 20 }, (_, index) => 100 + index);

  test('that is right is gone through in one step', () => {
    expect(stepsFor(tokens, tokens)).toBe(1);
    expect(stepsFor([...tokens, 7], tokens)).toBe(1);
  });

  test.each([
    ['one token changed', tokens.map((token, index) => (index === 5 ? 7 : token)), 3],
    ['three tokens too many', [...tokens.slice(0, 5), 7, 8, 9, ...tokens.slice(5)], 2],
    ['one too few', [...tokens.slice(0, 5), ...tokens.slice(6)], 3],
    ['a word of two tokens for one of three', [...tokens.slice(0, 5), 7, 8, ...tokens.slice(8)], 5],
  ])('with %s is taken up again', (_, guess, steps) => {
    expect(stepsFor(tokens, guess)).toBe(steps);
  });

  test('of something else is not fed once it went astray, and costs no step more', () => {
    const draft = new Draft([1, 2, 3]);
    draft.follow(9);
    expect(draft.rest()).toEqual([]);
    expect(stepsFor(tokens, [1, 2, 3])).toBe(tokens.length);
  });

  test('gives no more than there is room for', () => {
    expect(new Draft(tokens).rest(3)).toEqual([100, 101, 102]);
    expect(new Draft(tokens).rest(0)).toEqual([]);
  });
});
