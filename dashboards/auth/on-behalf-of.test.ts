import { expect, test } from 'vitest';
import { claimIn } from './on-behalf-of.ts';

test('a name is a claim and says so; nothing is nothing', () => {
  expect(claimIn('maria')).toEqual({ onBehalfOf: { name: 'maria', verified: false } });
  expect(claimIn('zo%C3%AB%20as%20root')).toEqual({ onBehalfOf: { name: 'zoë as root', verified: false } });
  expect(claimIn(undefined)).toEqual({});
});

test.each(['', '%20', '%1B%5D0%3Bowned%07', 'a%0Ab', '%E0%A4', 'x'.repeat(101)])('%j is no name', (header) => {
  expect(claimIn(header)).toBeUndefined();
});
