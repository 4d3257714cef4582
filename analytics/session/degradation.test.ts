import { expect, it } from 'vitest';
import type { DegradedStep } from '#asr/types.ts';
import { Degradation } from './degradation.ts';

it('each step is noted when it is first reached, whichever side it is on', () => {
  const degradation = new Degradation();
  const told = (step: DegradedStep, atMs: number, side: 'caller' | 'callee' = 'caller') =>
    degradation.take({ type: 'degraded', callId: 'c', side, step, atMs });
  expect(told('none', 0)).toBeUndefined();
  expect(told('fewer-partials', 1000)).toEqual({
    atMs: 1000,
    note: 'recognition-degraded',
    detail: 'fewer-partials, on the side of the caller first',
  });
  expect(told('fewer-partials', 1000, 'callee')).toBeUndefined();
  expect(told('none', 2000)).toBeUndefined();
  expect(told('fewer-partials', 3000)).toBeUndefined();
  expect(told('waiting', 4000, 'callee')).toMatchObject({
    atMs: 4000,
    detail: 'waiting, on the side of the callee first',
  });
  expect(told('late-finals', 5000)).toBeUndefined();
});
