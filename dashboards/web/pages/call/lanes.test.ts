import { expect, test } from 'vitest';
import type { PartySide } from '#sip/types.ts';
import { lanesOf, type Peaks } from './lanes.ts';

const peaksOf = (caller: readonly PartySide[], callee: readonly PartySide[]): Peaks => ({
  durationMs: 1000,
  caller: [0.1],
  callee: [0.9],
  lanes: { caller: { sides: caller }, callee: { sides: callee } },
});

test('the caller above; a third beside whoever shares the channel', () => {
  expect(lanesOf(peaksOf(['caller'], ['callee', 'other']))).toEqual([
    { sides: ['caller'], peaks: [0.1] },
    { sides: ['callee', 'other'], peaks: [0.9] },
  ]);
});

test('what both channels carry alike is drawn once', () => {
  expect(lanesOf(peaksOf(['mixed'], ['mixed']))).toEqual([{ sides: ['mixed'], peaks: [0.1] }]);
  expect(lanesOf(peaksOf(['caller', 'mixed'], ['mixed']))).toHaveLength(2);
});
