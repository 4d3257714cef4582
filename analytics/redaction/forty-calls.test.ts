import { expect, it } from 'vitest';
import { fortyCalls, orderCalls } from '#test/redaction/forty-calls.ts';
import { redactCall } from '#test/redaction/redact-call.ts';
import {
  heardApart,
  heardMixed,
  heardOfThree,
  noMistakes,
  type RecogniserMistakes,
} from '#test/redaction/simulated-recogniser.ts';

const usualMistakes: RecogniserMistakes = {
  drop: 0.06,
  double: 0.04,
  join: 0.06,
  homophone: 0.15,
  figures: 0.3,
  noText: 0.2,
};

it('leaves nothing of the forty cards heard rightly', () => {
  expect(fortyCalls().flatMap((script) => redactCall(script, noMistakes, 1).leaks)).toEqual([]);
});

it('leaves nothing of the forty cards heard by a recogniser that drops, doubles and joins digits', () => {
  const found = [1, 2, 3].flatMap((seed) =>
    fortyCalls().flatMap((script) => redactCall(script, usualMistakes, seed).leaks),
  );
  expect(found).toEqual([]);
});

it.each([
  ['of three people', heardOfThree],
  ['on one channel', heardMixed],
  ['on one channel, question and answer in one breath', { ...heardMixed, turnGapMs: 300 }],
])('leaves nothing of the forty cards %s', (_, heardOn) => {
  const found = [noMistakes, usualMistakes].flatMap((mistakes) =>
    fortyCalls(11).flatMap((script) => redactCall(script, mistakes, 11, heardOn).leaks),
  );
  expect(found).toEqual([]);
});

it.each([
  ['heard rightly', noMistakes, heardApart],
  ['heard with mistakes', usualMistakes, heardApart],
  ['of three people', usualMistakes, heardOfThree],
  ['on one channel', usualMistakes, heardMixed],
])('keeps at least 18 of the 20 order numbers %s', (_, mistakes, heardOn) => {
  const kept = orderCalls().filter((script) => {
    const { segments } = redactCall(script, mistakes, 7, heardOn);
    return segments.length > 0 && segments.every(({ text }) => !text.includes('['));
  });
  expect(kept.length).toBeGreaterThanOrEqual(18);
});
