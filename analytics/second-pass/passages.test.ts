import { expect, test } from 'vitest';
import type { PieceText, Word } from '#asr/types.ts';
import { passagesOf, type Passage } from './passages.ts';
import { secondText } from './second-text.ts';

/** A word a second, for 800 ms of it. */
const said = (text: string): readonly Word[] =>
  text.split(' ').map((each, index) => {
    return { text: each, startMs: 1000 * (index + 1), endMs: 1000 * (index + 1) + 800, confidence: 0.5 };
  });
const utterance = (text: string) => {
  const words = said(text);
  return { words, startMs: 950, endMs: (words.at(-1)?.endMs ?? 0) + 50, language: 'en' };
};
const silence = (startMs: number, endMs: number) => ({ startSample: startMs * 8, endSample: endMs * 8 });
const heard = (text: string): PieceText => ({
  words: text.split(' ').map((each, index) => {
    return { text: each, startMs: 150 + index * 500, endMs: 550 + index * 500, confidence: 0.9 };
  }),
  written: [],
  confidence: 0.9,
  language: 'en',
});
const joined = (text: string, passages: readonly Passage[], ...texts: readonly (PieceText | null)[]) =>
  secondText(utterance(text), passages, texts)
    ?.words.map((word) => word.text)
    .join(' ');

test('a turn in clear is one passage, with a margin', () => {
  const text = 'hello my name is crow';
  const passages = passagesOf(utterance(text), []);
  expect(passages).toEqual([{ from: 0, to: 5, startMs: 800, endMs: 6000 }]);
  expect(joined(text, passages, heard('Hello, my name is Okonkwo.'))).toBe('Hello, my name is Okonkwo.');
  expect(secondText(utterance(text), passages, [heard('Hello there')])?.words[1]).toMatchObject({
    text: 'there',
    startMs: 1450,
    endMs: 1850,
    confidence: 0.9,
  });
});

test('what is masked, and whatever lost sound with it, is never asked about and stands where it stood', () => {
  const text = 'my card is [CARD] and so farewell then';
  // With margins: "is" and "and" have lost some of their sound.
  const passages = passagesOf(utterance(text), [silence(3500, 5300)]);
  expect(passages).toEqual([
    { from: 0, to: 2, startMs: 800, endMs: 2950 },
    { from: 5, to: 8, startMs: 5850, endMs: 9000 },
  ]);
  for (const { startMs, endMs } of passages) expect(startMs >= 5300 || endMs <= 3500).toBe(true);
  const next = joined(text, passages, heard('My Visa card'), heard('so long four one'));
  expect(next).toBe('My Visa card is [CARD] and so long four one');
});

test('a passage does not reach into silence or into its neighbours', () => {
  const words = said('one two [CARD] three');
  const near = words.map((word, index) => ({ ...word, startMs: 1000 + index * 100, endMs: 1100 + index * 100 }));
  expect(passagesOf({ words: near, startMs: 1000, endMs: 1400 }, [silence(1200, 1300)])).toEqual([
    { from: 0, to: 2, startMs: 850, endMs: 1200 },
    { from: 3, to: 4, startMs: 1300, endMs: 1550 },
  ]);
});

test('a turn of which the sound of a mask is there is left alone', () => {
  expect(passagesOf(utterance('my card is [CARD] and so on'), [])).toEqual([]);
  expect(passagesOf(utterance('my card is [CARD] and so on'), [silence(4100, 5000)])).toEqual([]);
});

test('where nothing was heard the words stand as they were; where nowhere, all of it', () => {
  const text = 'good day [CARD] thanks';
  const passages = passagesOf(utterance(text), [silence(3000, 3800)]);
  expect(joined(text, passages, null, heard('Thank you'))).toBe('good day [CARD] Thank you');
  expect(joined(text, passages, null, null)).toBeUndefined();
});

test('a model that writes masks writes plain words', () => {
  const passages = passagesOf(utterance('hello there'), []);
  expect(joined('hello there', passages, heard('hello [CARD] there'))).toBe('hello CARD there');
});
