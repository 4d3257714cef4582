import { expect, it } from 'vitest';
import { countDigits, readings, readToken } from './digit-words.ts';

function read(text: string): { digits: number; likeliest: string | undefined; all: string[] } {
  const atoms = text.split(' ').flatMap((word) => readToken(word).atoms);
  const all = readings(atoms);
  return { digits: countDigits(atoms), likeliest: all[0], all };
}

it.each([
  ['double five', '55'],
  ['triple oh', '000'],
  ['twenty one', '21'],
  ['twenty-one', '21'],
  ['twentyone', '21'],
  ['nineteen eighty four', '1984'],
  ['four hundred', '400'],
  ['four-one-one-one', '4111'],
  ['4,111', '4111'],
  ['41-11.', '4111'],
  ['four 111', '4111'],
])('reads %s as %s', (text, digits) => {
  expect(read(text)).toMatchObject({ digits: digits.length, likeliest: digits });
});

it('keeps the other readings of tens and hundreds', () => {
  expect(read('twenty one').all).toEqual(['21', '201']);
  expect(read('four hundred eleven').all).toEqual(expect.arrayContaining(['411', '40011']));
});

it.each([
  ['For', 'homophone'],
  ['too,', 'homophone'],
  ['Oh', 'homophone'],
  ['1st', 'number'],
  ['$45', 'number'],
  ['sevens', 'number'],
  ['often', 'word'],
  ['[CARD].', 'word'],
  ['anyone', 'word'],
  ['tent', 'word'],
  ['-', 'word'],
])('takes %s for a %s', (text, kind) => {
  expect(readToken(text).kind).toBe(kind);
});

it('tells amounts, times and ordinals from plain figures', () => {
  const quantities = ['$45', '4:30', '50%', '21st', '24/7', '4pm', '19.99'];
  expect(quantities.filter((text) => !readToken(text).quantity)).toEqual([]);
  expect(['4512', '4,111', '41-11', '007'].filter((text) => readToken(text).quantity)).toEqual([]);
});
