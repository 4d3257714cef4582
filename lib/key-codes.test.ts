import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyCodes, telephoneKeys } from './key-codes.ts';

function pressed(codes: KeyCodes, keys: string, startMs = 0): (boolean | undefined)[] {
  return keys.split('').map((key, at) => codes.press(telephoneKeys.indexOf(key), startMs + at * 100));
}

test('a code counts wherever it stands among other keys, and once', () => {
  const codes = new KeyCodes({ pause: '*71', resume: '*72' });
  expect(pressed(codes, '12**7171')).toEqual([...Array<undefined>(5), true, undefined, undefined]);
  expect(pressed(codes, '*72', 1000)).toEqual([undefined, undefined, false]);
  expect(pressed(codes, '72', 2000)).toEqual([undefined, undefined]);
});

test('keys far apart are no code', () => {
  const codes = new KeyCodes({ pause: '*7' });
  expect(codes.press(10, 0)).toBeUndefined();
  expect(codes.press(7, 5001)).toBeUndefined();
  expect(codes.press(10, 6000)).toBeUndefined();
  expect(codes.press(7, 10_000)).toBe(true);
});

test('finds what a search of the text finds', () => {
  const key = fc.constantFrom('1', '2', '*');
  const word = (least: number, most: number): fc.Arbitrary<string> =>
    fc.array(key, { minLength: least, maxLength: most }).map((keys) => keys.join(''));
  fc.assert(
    fc.property(word(2, 5), word(0, 30), (code, keys) => {
      let found = 0;
      for (let at = keys.indexOf(code); at !== -1; at = keys.indexOf(code, at + code.length)) found += 1;
      expect(pressed(new KeyCodes({ pause: code }), keys).filter((each) => each === true)).toHaveLength(found);
    }),
  );
});
