import { expect, it } from 'vitest';
import { hasCardPrefix, isCardNumber, passesLuhn } from './card-numbers.ts';

it('knows test cards of 13, 15, 16 and 19 digits', () => {
  for (const digits of ['4222222222222', '378282246310005', '5555555555554444', '4000000000000000006']) {
    const wrong = digits.replace(/\d$/, (last) => String((Number(last) + 1) % 10));
    expect([digits, isCardNumber(digits)]).toEqual([digits, true]);
    expect([wrong, isCardNumber(wrong)]).toEqual([wrong, false]);
  }
  expect(passesLuhn('')).toBe(false);
  expect(hasCardPrefix('3714')).toBe(true);
  expect(hasCardPrefix('9999')).toBe(false);
});
