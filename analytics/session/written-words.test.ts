import { expect, test } from 'vitest';
import type { WrittenSpan } from '#asr/types.ts';
import { spokenText, tokensOf } from '../words.ts';
import { writtenWords } from './written-words.ts';

const words = 'Come at four thirty please'.split(' ').map((text, index) => ({
  text,
  startMs: index * 100,
  endMs: index * 100 + 90,
  confidence: (9 - index) / 10,
}));
const span: WrittenSpan = { from: 2, to: 4, text: '4:30', kind: 'time' };

test('a span is one word, with the times of all and the confidence of the least sure', () => {
  const written = writtenWords(words, [span]);
  expect(written.map(({ text }) => text)).toEqual(['Come', 'at', '4:30', 'please']);
  expect(written[2]).toEqual({ text: '4:30', spoken: 'four thirty', startMs: 200, endMs: 390, confidence: 0.6 });
  expect(written.filter((word) => 'spoken' in word)).toHaveLength(1);
});

test('what was said is counted and read as before', () => {
  const text = 'Come at 4:30 please';
  expect(spokenText({ text, words: writtenWords(words, [span]) })).toBe('Come at four thirty please');
  expect(tokensOf(spokenText({ text, words: writtenWords(words, [span]) }))).toHaveLength(5);
  expect(spokenText({ text, words })).toBe(text);
});

test('a span that two speakers share stays as said', () => {
  const shared = words.map((word, index) => ({ ...word, speaker: index < 3 ? '1' : '2' }));
  expect(writtenWords(shared, [span])).toEqual(shared);
});
