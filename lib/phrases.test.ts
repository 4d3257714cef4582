import { expect, test } from 'vitest';
import { joinPhrases, maxPhrases, phraseFault } from './phrases.ts';

test('one list of several keeps the order of the lists and each phrase once', () => {
  const joined = joinPhrases([
    ['Okonkwo', ' Blue  Harbour '],
    ['blue harbour', 'Zephyr'],
  ]);
  expect(joined).toEqual(['Okonkwo', 'Blue Harbour', 'Zephyr']);
  expect(Object.isFrozen(joined)).toBe(true);
  const many = Array.from({ length: maxPhrases }, (_, index) => `name ${index}`);
  expect(joinPhrases([many, ['one more']])).toEqual(many);
});

test('says what is wrong with a phrase', () => {
  expect(phraseFault('Ngũgĩ wa Thiong’o')).toBeUndefined();
  expect(phraseFault('iPhone 15 Pro')).toBeUndefined();
  expect(phraseFault('4111')).toMatch(/no letter/);
  expect(phraseFault('')).toMatch(/no letter/);
  expect(phraseFault('a\nb')).toMatch(/control/);
  expect(phraseFault('x'.repeat(81))).toMatch(/80/);
  expect(phraseFault('a b c d e f g h i')).toMatch(/8 words/);
});
