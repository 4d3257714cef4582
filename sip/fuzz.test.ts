import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzTargets } from './testing/fuzz/targets.ts';
import { WireFuzz } from './testing/wire-fuzz.ts';

/** 20,000 inputs over all readers, and some over the wire; bench/fuzz.ts has the long run. */
const runsEach = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 20_000) / fuzzTargets.length);

test.each(fuzzTargets)('$name: no input is a mistake of ours', { timeout: 30_000 }, ({ inputs, check }) => {
  const run = fc.check(fc.property(inputs, check), { numRuns: runsEach });
  expect(run.failed, fc.defaultReportMessage(run)).toBe(false);
});

test('over the wire, against the whole of sip/: nothing is logged as a mistake, and the server answers', async () => {
  const wire = await WireFuzz.start();
  for (let batch = 0; batch < 10; batch += 1) await wire.batch(fc.sample(wire.inputs, 100));
  expect(wire.mistakes).toEqual([]);
  await wire.close();
});
