import { expect, test } from 'vitest';
import { exampleUtterance, wordsOf } from '#test/dashboards/example-call.ts';
import { tokensOf } from './tokens.ts';
import { withPartial, withUtterance } from './utterance-lists.ts';

const at = (index: number, startMs: number, text = 'words') =>
  exampleUtterance('c', index, ['caller', startMs, startMs + 500, text, 0]);

test('utterances stand in order of start, whatever the order they come in', () => {
  const list = [at(1, 2000), at(2, 500), at(3, 9000)].reduce(withUtterance, []);
  expect(list.map((utterance) => utterance.startMs)).toEqual([500, 2000, 9000]);
});

test('a rewritten utterance takes the place of the old', () => {
  const list = [at(1, 2000, 'four one'), at(1, 2000, '[CARD]')].reduce(withUtterance, []);
  expect(list.map((utterance) => utterance.text)).toEqual(['[CARD]']);
});

test('a side has one partial; no words take it away', () => {
  const partial = (side: 'caller' | 'callee', segmentId: string, text: string) => ({
    side,
    segmentId,
    words: text === '' ? [] : wordsOf(text, 0, 100),
  });
  const two = [partial('caller', 'a', 'one'), partial('callee', 'b', 'two'), partial('caller', 'c', 'three')];
  const list = two.reduce(withPartial, []);
  expect(list.map((each) => each.segmentId)).toEqual(['b', 'c']);
  expect(withPartial(list, partial('caller', 'c', '')).map((each) => each.segmentId)).toEqual(['b']);
});

test('words find their times around a mask that has no word of its own', () => {
  const words = wordsOf('it is and done', 1000, 5000);
  const tokens = tokensOf({ text: 'it is [CARD] and done', words });
  expect(tokens.map((token) => token.startMs)).toEqual([1000, 2000, undefined, 3000, 4000]);
  expect(tokens[2]?.mask).toBe('CARD');
});

test('a word of several pieces is one token, with what was said', () => {
  const words = [
    { text: 'at', startMs: 0, endMs: 90, confidence: 1 },
    { text: '4:30 p.m.', spoken: 'four thirty p m', startMs: 100, endMs: 400, confidence: 1 },
  ];
  expect(tokensOf({ text: 'at 4:30 p.m.', words })).toMatchObject([
    { text: 'at', spoken: undefined },
    { text: '4:30 p.m.', spoken: 'four thirty p m', startMs: 100 },
  ]);
});
