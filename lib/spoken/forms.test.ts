import { expect, test } from 'vitest';
import { spokenForms } from './forms.ts';

test.each([
  ['$50', 'fifty dollars'],
  ['$1', 'one dollar'],
  ['$4.69', 'four dollars and sixty nine cents'],
  ['4:30', 'four thirty'],
  ['4:05 p.m.', 'four oh five p m'],
  ['5:00', "five o'clock"],
  ['50%', 'fifty percent'],
  ['5.2', 'five point two'],
  ['21st', 'twenty first'],
  ['1984', 'nineteen eighty four'],
  ['1980s', 'nineteen eighties'],
  ['1,250', 'one thousand two hundred and fifty'],
  ['4111', 'four one one one'],
  ['007', 'oh oh seven'],
  ['555-1212', 'five five five one two one two'],
  ['AB123', 'a b one two three'],
  ['john.smith@example.com', 'john dot smith at example dot com'],
  ['www.example.org', 'www dot example dot org'],
  ['July 25', 'july twenty fifth'],
  ['come at 4:30, please', 'come at four thirty, please'],
])('%s: %s', (written, spoken) => {
  expect(spokenForms(written)).toContain(spoken);
  expect(spokenForms(written).length).toBeLessThanOrEqual(8);
});

test('what has no figures has no other form', () => {
  for (const text of ['refund', 'how are you?', '', '...', '[CARD]', 'a - b']) expect(spokenForms(text)).toEqual([]);
});
