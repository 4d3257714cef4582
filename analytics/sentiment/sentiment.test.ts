import { expect, test } from 'vitest';
import { summariseSentiment } from './by-side.ts';
import { scoreSentiment } from './score.ts';

test.each([
  ['Thank you so much, you have been really helpful.', 'positive'],
  ['No problem at all, thank you so much.', 'positive'],
  ['That is absolutely brilliant.', 'positive'],
  ['This is the third time I am calling about the same problem.', 'negative'],
  ["I'm very frustrated, this is unacceptable.", 'negative'],
  ["It still doesn't work and I am not happy.", 'negative'],
  ['Good morning, how can I help you?', 'neutral'],
  ['No.', 'neutral'],
  ['My card is [CARD] please.', 'neutral'],
  ['', 'neutral'],
])('%s is %s', (text, expected) => {
  const score = scoreSentiment(text);
  const found = score >= 0.8 ? 'positive' : score <= -0.8 ? 'negative' : 'neutral';
  expect(`${found} (${score})`).toBe(`${expected} (${score})`);
});

test('a negation turns the word that follows', () => {
  expect(scoreSentiment('I am happy')).toBeGreaterThan(1);
  expect(scoreSentiment('I am not happy')).toBeLessThan(-1);
});

test('a rant stays inside the scale', () => {
  expect(scoreSentiment('awful terrible horrible useless rude '.repeat(20))).toBeGreaterThanOrEqual(-5);
});

test('quarters count from the start of the call to the end of the last utterance of the side', () => {
  const at = (startMs: number, sentiment: number) => ({ startMs, endMs: startMs + 1000, sentiment });
  // End 40,001 ms: edges 0, 10000, 20000, 30000.
  const summary = summariseSentiment([at(0, 1), at(9_999, 3), at(10_000, -2), at(39_001, 5)]);
  expect(summary).toEqual({ quarters: [2, -2, null, 5], meanOfQuarters: 1.67, meanOfUtterances: 1.75 });
  expect(summariseSentiment([])).toEqual({
    quarters: [null, null, null, null],
    meanOfQuarters: null,
    meanOfUtterances: null,
  });
});
