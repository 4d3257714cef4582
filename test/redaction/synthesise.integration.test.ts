import { expect, it } from 'vitest';
import { fortyCalls } from './forty-calls.ts';
import { missingProgram, sampleRateHz, synthesiseCall } from './synthesise.ts';
import { voices } from './voices.ts';

it.skipIf(missingProgram() !== null)('lays every secret where it says, on its own channel', () => {
  const script = fortyCalls().find(({ pins }) => pins.length > 0)!;
  const { pcm, lengthMs, placed, stretches, keys } = synthesiseCall(script);
  expect(pcm.caller).toHaveLength((lengthMs * sampleRateHz) / 1000);
  expect(stretches.map(({ kind }) => kind)).toContain('card');
  expect(keys.map(({ digit }) => digit).join('')).toBe(script.pins[0]);
  for (const { side, startMs, endMs, part } of placed) {
    const other = side === 'caller' ? 'callee' : 'caller';
    const loudest = (of: Int16Array): number =>
      of
        .subarray((startMs * sampleRateHz) / 1000, (endMs * sampleRateHz) / 1000)
        .reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expect(loudest(pcm[side]) > 3000).toBe(part.text !== '');
    expect(loudest(pcm[other])).toBe(0);
  }
});

it.skipIf(missingProgram() !== null)('has a voice for every number', () => {
  const script = fortyCalls()[0]!;
  for (const voice of voices.keys()) {
    const turns = [
      { side: 'caller', parts: [{ text: 'four', pauseMs: 0, stretch: null, kind: null, keys: '' }] },
    ] as const;
    const { lengthMs } = synthesiseCall({ ...script, turns, voice: { caller: voice, callee: 0 } });
    expect(lengthMs).toBeGreaterThan(1500 + 1900 + 100);
  }
});
