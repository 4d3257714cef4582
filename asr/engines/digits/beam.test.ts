import { expect, test } from 'vitest';
import { align, alternativesTo, search, type Scores } from './beam.ts';

const tokens = ['<blank>', '<other>', 'two', 'double', 'k', 'thousand', 'yes'];

/** A row for each item: the tokens with their probabilities, what is left shared out among the rest. */
function scores(...rows: Partial<Record<string, number>>[]): Scores {
  const values = new Float32Array(tokens.length * rows.length);
  rows.forEach((row, column) => {
    const given = Object.values(row).reduce((sum: number, value) => sum + (value ?? 0), 0);
    const rest = (1 - given) / (tokens.length - Object.keys(row).length);
    tokens.forEach((token, index) => {
      values[index * rows.length + column] = Math.log(row[token] ?? rest);
    });
  });
  return { values, rows: rows.length, tokens };
}
const heard = (given: Scores): string[] => search(given).map((token) => tokens[token] ?? '');
const quiet = { '<blank>': 0.99 };

test('a token that goes on is one, with a blank between two', () => {
  expect(heard(scores(quiet, { two: 0.9 }, { two: 0.9 }, quiet))).toEqual(['two']);
  expect(heard(scores({ two: 0.9 }, quiet, { two: 0.9 }))).toEqual(['two', 'two']);
  expect(heard(scores(quiet, quiet))).toEqual([]);
  expect(search(scores())).toEqual([]);
});

test('all ways to a row of tokens count together', () => {
  // The likeliest single way is nothing but blanks.
  expect(heard(scores({ '<blank>': 0.55, two: 0.44 }, { '<blank>': 0.55, two: 0.44 }))).toEqual(['two']);
});

test('the grammar decides where the sound does not', () => {
  expect(heard(scores({ double: 0.9 }, quiet, { yes: 0.5, k: 0.45 }))).toEqual(['double', 'k']);
  expect(heard(scores({ yes: 0.9 }, quiet, { thousand: 0.5, two: 0.45 }))).toEqual(['yes', 'two']);
  expect(heard(scores({ two: 0.9 }, quiet, { thousand: 0.5, yes: 0.45 }))).toEqual(['two', 'thousand']);
});

test('each token is found where it is surest, with what else it may have been', () => {
  const given = scores(quiet, { two: 0.6, k: 0.3 }, { two: 0.8, k: 0.1 }, quiet, { k: 0.9 });
  const [two, k] = align(given, search(given));
  expect(two).toMatchObject({ token: tokens.indexOf('two'), row: 2 });
  expect(two?.logProbability).toBeCloseTo(Math.log(0.8), 5);
  expect(k).toMatchObject({ token: tokens.indexOf('k'), row: 4 });
  if (two === undefined) throw new Error('nothing was found');
  const [likeliest] = alternativesTo(two, given);
  expect(likeliest?.token).toBe(tokens.indexOf('k'));
});
