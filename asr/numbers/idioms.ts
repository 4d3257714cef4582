import { textAt, type Clause, type Match } from './atoms.ts';

/** Numbers that are names. */
const idioms: readonly (readonly [readonly string[], string])[] = [
  [['twenty', 'four', 'seven'], '24/7'],
  [['seven', 'eleven'], '7-Eleven'],
  [['s', 'and', 'p', 'five', 'hundred'], 'S&P 500'],
  [['nine', 'one', 'one'], '911'],
  [['four', 'oh', 'one', 'k'], '401(k)'],
];

export function readIdiom(clause: Clause, from: number): Match | undefined {
  const found = idioms.find(([words]) => words.every((word, index) => textAt(clause, from + index) === word));
  // "Seven eleven in the morning", "seven eleven five".
  if (found === undefined) return undefined;
  const to = from + found[0].length;
  return { to, text: found[1], kind: 'number' };
}
