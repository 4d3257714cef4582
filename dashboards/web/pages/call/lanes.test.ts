import { expect, test } from 'vitest';
import { lanesOf } from './lanes.ts';

const peaks = { durationMs: 1000, caller: [0.1], callee: [0.9] };

test('the caller above, also where the two were put right afterwards; a third beside the callee', () => {
  expect(lanesOf(peaks, { left: ['caller'], right: ['callee', 'other'] })).toEqual([
    { sides: ['caller'], peaks: [0.1] },
    { sides: ['callee', 'other'], peaks: [0.9] },
  ]);
  expect(lanesOf(peaks, { left: ['callee'], right: ['caller', 'other'] })).toEqual([
    { sides: ['caller', 'other'], peaks: [0.9] },
    { sides: ['callee'], peaks: [0.1] },
  ]);
});

test('what both channels carry alike is drawn once', () => {
  expect(lanesOf(peaks, { left: ['mixed'], right: ['mixed'] })).toEqual([{ sides: ['mixed'], peaks: [0.1] }]);
  expect(lanesOf(peaks, { left: ['caller', 'mixed'], right: ['mixed'] })).toHaveLength(2);
});
