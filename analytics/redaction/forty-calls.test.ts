import { expect, it } from 'vitest';
import { gather, leaks, type Remains } from '#test/redaction/clean.ts';
import { fortyCalls, orderCalls } from '#test/redaction/forty-calls.ts';
import type { CallScript } from '#test/redaction/script.ts';
import { noMistakes, simulateCall, type RecogniserMistakes } from '#test/redaction/simulated-recogniser.ts';
import { readings, readToken } from './digit-words.ts';
import { createRedactor } from './redactor.ts';
import { seededRandom } from '#test/redaction/spoken-digits.ts';

const usualMistakes: RecogniserMistakes = {
  drop: 0.06,
  double: 0.04,
  join: 0.06,
  homophone: 0.15,
  figures: 0.3,
  noText: 0.2,
};

function run(script: CallScript, mistakes: RecogniserMistakes, seed: number): Remains & { leaks: string[] } {
  const call = simulateCall(script, mistakes, seededRandom(seed));
  const redactor = createRedactor({ holdMs: 30_000 });
  const outputs = [...call.events.map((event) => redactor.heard(event)), redactor.finish()];
  const remains = gather(outputs);
  return { ...remains, leaks: leaks(remains, script, call.stretches) };
}

it('leaves nothing of the forty cards heard rightly', () => {
  expect(fortyCalls().flatMap((script) => run(script, noMistakes, 1).leaks)).toEqual([]);
});

it('leaves nothing of the forty cards heard by a recogniser that drops, doubles and joins digits', () => {
  const found = [1, 2, 3, 4, 5].flatMap((seed) =>
    fortyCalls().flatMap((script) => run(script, usualMistakes, seed).leaks),
  );
  expect(found).toEqual([]);
});

it('keeps at least 18 of the 20 order numbers', () => {
  for (const mistakes of [noMistakes, usualMistakes]) {
    const kept = orderCalls().filter((script) => {
      const { segments } = run(script, mistakes, 7);
      const atoms = segments.flatMap(({ words }) => words.flatMap((word) => readToken(word.text).atoms));
      const masked = segments.some(({ text }) => text.includes('['));
      return (
        !masked && (mistakes !== noMistakes || readings(atoms).some((digits) => digits.includes(script.orders[0]!)))
      );
    });
    expect(kept.length).toBeGreaterThanOrEqual(18);
  }
});
