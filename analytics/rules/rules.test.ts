import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import type { Utterance } from '../types.ts';
import { RuleEvaluator } from './evaluator.ts';
import { compilePhrase, findPhrase } from './phrase.ts';
import { loadRules, parseRules } from './schema.ts';
import { tokensOf } from '../words.ts';

/** One word every 500 ms. */
function utterance(startMs: number, text: string): Utterance {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * 500,
    endMs: startMs + index * 500 + 450,
    confidence: 0.9,
  }));
  return {
    utteranceId: newId(),
    callId: 'call',
    side: 'caller',
    partyId: null,
    speaker: 'caller',
    startMs,
    endMs: words.at(-1)?.endMs ?? startMs,
    text,
    words,
    confidence: 0.9,
    language: 'en',
    sentiment: 0,
    revision: 1,
  };
}
const evaluator = (yaml: string): RuleEvaluator => new RuleEvaluator('call', parseRules(yaml, 'test'));

const refund = `rules: [{id: refund, title: Refund, severity: low, side: caller, said: ["money back", "refund*"]}]`;
const notice = (more: string): string =>
  `rules: [{id: notice, title: Notice, severity: high, side: callee, missing: ["call is recorded"], ${more}}]`;

test.each([
  ['refund*', 'I want refunds now', 1],
  ['refund', 'I want refunds now', 0],
  ['money back', 'my money, back!', 1],
  ['money back', 'money to go back', 0],
  ['speak ... manager', 'let me speak to your manager', 1],
  ['speak ... manager', 'speak one two three four five six manager', 0],
  ['no', 'no no no', 3],
  ['[CARD]', 'it is [CARD]', 1],
])('%s in "%s": %i times', (phrase, text, times) => {
  expect(findPhrase(compilePhrase(phrase), tokensOf(text))).toHaveLength(times);
});

test('a finding has the words, their times and their utterance', () => {
  const said = utterance(4_000, 'Can I get my money back, please?');
  const [finding, ...rest] = evaluator(refund).utterance({ ...said, side: 'caller' });
  expect(rest).toEqual([]);
  expect(finding).toMatchObject({
    ruleId: 'refund',
    kind: 'said',
    side: 'caller',
    startMs: 6_000,
    endMs: 6_950,
    evidence: 'money back',
    utteranceIds: [said.utteranceId],
  });
});

test('the other side saying it is no finding', () => {
  expect(evaluator(refund).utterance({ ...utterance(0, 'you get your money back'), side: 'callee' })).toEqual([]);
});

test('in a stream that carries everybody it may be anybody who says it, or who should have', () => {
  const said = utterance(1_000, 'this call is recorded and you get your money back');
  expect(evaluator(refund).utterance({ ...said, side: 'mixed' })).toMatchObject([
    { side: 'mixed', evidence: 'money back' },
  ]);
  const rules = evaluator(notice('withinS: 30'));
  rules.answered(0);
  rules.utterance({ ...said, side: 'mixed' });
  expect(rules.passed(60_000)).toEqual([]);
  const third = evaluator(`rules: [{id: third, title: Third, severity: low, side: other, said: ["money back"]}]`);
  expect(third.utterance({ ...said, side: 'caller' })).toEqual([]);
  expect(third.utterance({ ...said, side: 'other' })).toMatchObject([{ side: 'other' }]);
});

test('missing: in one stream for all it was nobody of whom it is known; a side that is not heard is not accused', () => {
  const mixed = evaluator(notice('withinS: 30'));
  mixed.hears(['mixed']);
  mixed.answered(0);
  mixed.utterance({ ...utterance(1_000, 'good morning'), side: 'mixed' });
  expect(mixed.passed(60_000)).toMatchObject([{ kind: 'missing', side: 'mixed' }]);
  const stored = evaluator(notice('withinS: 30'));
  stored.answered(0);
  stored.utterance({ ...utterance(1_000, 'good morning'), side: 'mixed' });
  expect(stored.ended(60_000)).toMatchObject([{ side: 'mixed' }]);
  const oneSided = evaluator(notice('withinS: 30'));
  oneSided.hears([]);
  oneSided.hears(['caller']);
  oneSided.answered(0);
  expect([...oneSided.passed(60_000), ...oneSided.ended(60_000)]).toEqual([]);
  const joined = evaluator(notice('withinS: 30'));
  joined.hears(['caller']);
  joined.hears(['callee']);
  joined.answered(0);
  expect(joined.passed(60_000)).toMatchObject([{ side: 'callee' }]);
});

test('a phrase runs on into the next utterance of its side, and is found once', () => {
  const rules = evaluator(refund);
  const first = utterance(0, 'I want my money');
  const second = utterance(2_500, 'back right now');
  const third = utterance(4_500, 'please');
  expect(rules.utterance({ ...first, side: 'caller' })).toEqual([]);
  expect(rules.utterance({ ...utterance(2_000, 'back'), side: 'callee' })).toEqual([]);
  const [finding] = rules.utterance({ ...second, side: 'caller' });
  expect(finding?.utteranceIds).toEqual([first.utteranceId, second.utteranceId]);
  expect(rules.utterance({ ...third, side: 'caller' })).toEqual([]);
});

test('but not over a long silence', () => {
  const rules = evaluator(refund);
  rules.utterance({ ...utterance(0, 'I want my money'), side: 'caller' });
  expect(rules.utterance({ ...utterance(9_000, 'back right now'), side: 'caller' })).toEqual([]);
});

test('missing: speaks once, when its window from the answer has passed', () => {
  const rules = evaluator(notice('withinS: 30'));
  expect(rules.passed(100_000)).toEqual([]);
  rules.answered(5_000);
  expect(rules.passed(34_999)).toEqual([]);
  expect(rules.passed(35_000)).toMatchObject([{ kind: 'missing', startMs: 5_000, endMs: 35_000, evidence: '' }]);
  expect(rules.passed(99_000)).toEqual([]);
  expect(rules.ended(99_000)).toEqual([]);
});

test('missing: said in time is no finding, said too late is one', () => {
  const inTime = evaluator(notice('withinS: 30'));
  inTime.answered(0);
  inTime.utterance({ ...utterance(1_000, 'this call is recorded'), side: 'callee' });
  expect([...inTime.passed(60_000), ...inTime.ended(60_000)]).toEqual([]);
  const late = evaluator(notice('withinS: 30'));
  late.answered(0);
  late.utterance({ ...utterance(31_000, 'this call is recorded'), side: 'callee' });
  expect(late.passed(60_000)).toHaveLength(1);
});

test('missing: a short call is judged at its end unless minCallS spares it; an unanswered one never', () => {
  const judged = evaluator(notice('withinS: 30'));
  judged.answered(1_000);
  expect(judged.ended(10_000)).toMatchObject([{ endMs: 10_000 }]);
  const spared = evaluator(notice('withinS: 30, minCallS: 30'));
  spared.answered(1_000);
  expect(spared.ended(10_000)).toEqual([]);
  expect(evaluator(notice('withinS: 30')).ended(10_000)).toEqual([]);
});

test('a bad file gets all its mistakes at once', () => {
  const bad = `
rules:
  - {id: Bad Id, title: x, severity: high, said: [a]}
  - {id: both, title: x, severity: high, said: [a], missing: [b]}
  - {id: loud, title: x, severity: loud, said: [a]}
`;
  expect(() => parseRules(bad, 'rules.yaml')).toThrow(
    /rules\.yaml:\n.*rules\.0\.id: must be kebab-case[\s\S]*needs either said or missing[\s\S]*rules\.2\.severity/,
  );
  expect(() => parseRules('rules: [', 'rules.yaml')).toThrow(/line 1/);
  expect(() => parseRules('rules: [{id: a, title: x, severity: low, said: ["?!"]}]', 'r')).toThrow(/has no words/);
});

test('the rules that come with Sidetone are rules', () => {
  expect(loadRules(fileURLToPath(new URL('default-rules.yaml', import.meta.url))).length).toBeGreaterThan(5);
});

test('a phrase finds what was said, however it or the talk is written', () => {
  const rules = (phrase: string): string => `rules: [{id: a, title: A, severity: low, said: ["${phrase}"]}]`;
  const spoken = utterance(0, 'it is fifty dollars a month');
  const [it, is, fifty, dollars, ...rest] = spoken.words;
  if (it === undefined || is === undefined || fifty === undefined || dollars === undefined) throw new Error('words');
  const sum = { ...fifty, text: '$50', spoken: 'fifty dollars', endMs: dollars.endMs };
  const written: Utterance = { ...spoken, text: 'it is $50 a month', words: [it, is, sum, ...rest] };
  for (const phrase of ['$50', 'fifty dollars', 'dollars a month']) {
    expect(evaluator(rules(phrase)).utterance(written)).toHaveLength(1);
    expect(evaluator(rules(phrase)).utterance(spoken)).toHaveLength(1);
  }
  expect(evaluator(rules('is $50')).utterance(written)[0]).toMatchObject({
    evidence: 'is $50',
    startMs: is.startMs,
    endMs: dollars.endMs,
  });
});
