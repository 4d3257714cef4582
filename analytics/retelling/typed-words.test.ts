import { expect, test } from 'vitest';
import type { Word } from '#asr/types.ts';
import type { Utterance } from '../types.ts';
import { alignTexts } from './align-texts.ts';
import { typedWords } from './typed-words.ts';

const word = (text: string, index: number, more: Partial<Word> = {}): Word => {
  return { text, startMs: index * 400, endMs: index * 400 + 300, confidence: 0.5, ...more };
};
const utteranceOf = (...words: readonly Word[]): Utterance => ({
  utteranceId: 'u',
  callId: 'c',
  side: 'caller',
  partyId: null,
  speaker: 'caller',
  startMs: 0,
  endMs: words.at(-1)?.endMs ?? 0,
  text: words.map(({ text }) => text).join(' '),
  words,
  confidence: 0.5,
  language: 'en',
  sentiment: 0,
  revision: 1,
});
const said = (text: string): Utterance => utteranceOf(...text.split(' ').map((each, index) => word(each, index)));

test('words that stay keep their times, those that replace others share theirs by their letters', () => {
  const { words, learnt } = typedWords(said('please ask for a con crow today'), 'Please ask for Okonkwo, Mr today');
  expect(words).toEqual([
    word('Please', 0),
    word('ask', 1),
    word('for', 2),
    { text: 'Okonkwo,', startMs: 1200, endMs: 2080, confidence: 1 },
    { text: 'Mr', startMs: 2080, endMs: 2300, confidence: 1 },
    word('today', 6),
  ]);
  expect(learnt).toEqual([{ utteranceId: 'u', heard: 'a con crow', corrected: 'Okonkwo, Mr' }]);
});

test('what was said in another way stays known only of what is still written so', () => {
  const time = word('4:30,', 1, { spoken: 'four thirty' });
  expect(typedWords(utteranceOf(word('at', 0), time), 'At 4:30,').words[1]).toBe(time);
  expect(typedWords(utteranceOf(word('at', 0), time), 'at 4:30.').words[1]).toEqual(word('4:30.', 1));
});

test('what is masked stays', () => {
  const masked = said('my card is [CARD], thanks');
  expect(typedWords(masked, 'My Visa card is [CARD], thanks').words.map(({ text }) => text)).toContain('[CARD],');
  for (const text of ['my card is', 'my card is 4111 1111 1111 1111 thanks', 'my [CARD] card is [CARD] thanks', ' ']) {
    expect(() => typedWords(masked, text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  }
});

test('names and terms are learnt; small words, digits, long passages and mere punctuation are not', () => {
  const learnt = (before: string, after: string): readonly string[] =>
    typedWords(said(before), after).learnt.map(({ heard, corrected }) => `${heard} -> ${corrected}`);
  expect(learnt('I use blew harbor, daily.', 'I use Blue Harbour, daily.')).toEqual(['blew harbor -> Blue Harbour']);
  expect(learnt('in the end', 'on the end')).toEqual([]);
  expect(learnt('number nine please', 'number 99 please')).toEqual([]);
  expect(learnt('well yes', 'Well, yes.')).toEqual([]);
  expect(learnt('ab cd ef gh ij kl', 'mn op qr st uv wx')).toEqual([]);
});

test('the pieces of two texts cover both', () => {
  expect(alignTexts(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual([
    { old: { from: 0, to: 1 }, new: { from: 0, to: 1 }, same: true },
    { old: { from: 1, to: 2 }, new: { from: 1, to: 2 }, same: false },
    { old: { from: 2, to: 3 }, new: { from: 2, to: 3 }, same: true },
    { old: { from: 3, to: 3 }, new: { from: 3, to: 4 }, same: false },
  ]);
  expect(alignTexts([], ['a'])).toEqual([{ old: { from: 0, to: 0 }, new: { from: 0, to: 1 }, same: false }]);
});
