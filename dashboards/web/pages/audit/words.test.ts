import { expect, test } from 'vitest';
import { sayDetail } from './words.ts';

test('what a row says of a listen, a correction and a file, in words', () => {
  expect(sayDetail({ fromS: 62, toS: 70.5, saidBy: 'player' })).toBe('1:02 to 1:10, said by: player');
  const before = [
    { partyId: 'a', side: 'caller', role: 'unknown' },
    { partyId: 'b', side: 'callee', role: 'unknown' },
  ];
  const after = [
    { partyId: 'a', side: 'callee', role: 'unknown' },
    { partyId: 'b', side: 'caller', role: 'agent' },
  ];
  expect(sayDetail({ swapSides: true, before, after })).toBe(
    'swap sides, caller, callee became callee, caller (agent)',
  );
  expect(sayDetail({ names: ['a.wav', 'b.wav'] })).toBe('names: a.wav, b.wav');
});
