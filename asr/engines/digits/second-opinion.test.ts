import { expect, test } from 'vitest';
import type { EngineResult } from '../types.ts';
import type { HeardToken } from './recogniser.ts';
import { secondOpinion, wantsSecondOpinion } from './second-opinion.ts';

/** Words half a second each, with confidences: "nine:0.9 for:0.4". */
function firstPass(line: string): EngineResult {
  const words = line
    .split(' ')
    .filter((part) => part !== '')
    .map((part, index) => {
      const [text = '', confidence = '1'] = part.split(':');
      return { text, startSample: index * 4000, endSample: (index + 1) * 4000, confidence: Number(confidence) };
    });
  const confidence = words.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, words.length);
  return { text: words.map(({ text }) => text).join(' '), tokens: [7], words, confidence, empty: words.length === 0 };
}

/** Tokens in the middle of each half second, with probabilities; `*` is any other word, `-` nothing. */
function heard(line: string): HeardToken[] {
  return line.split(' ').flatMap((part, index) => {
    const [token = '', probability = '0.95'] = part.split(':');
    if (token === '-') return [];
    return [
      {
        token: token === '*' ? null : token,
        sample: index * 4000 + 2000,
        logProbability: Math.log(Number(probability)),
        alternatives: new Map(),
      },
    ];
  });
}

function merged(first: string, second: string): string {
  return secondOpinion(firstPass(first), heard(second), 80_000).text;
}

test('a digit taken for a word is the digit, and one that was not heard is added', () => {
  expect(merged('Poor.:0.4', 'four')).toBe('four');
  expect(merged('x:0.6 two:0.9 for:0.3 nine,:0.4', 'x two four nine')).toBe('x two four nine,');
  expect(merged('Five,:0.9 six,:0.9', 'five six seven')).toBe('Five, six, seven');
  expect(merged('', 'one five one')).toBe('one five one');
});

test('of digits that either heard none is lost', () => {
  expect(merged('one:0.9 two:0.4 three:0.9', 'one - three')).toBe('one two three');
  expect(merged('one:0.9 eight:0.8 three:0.9', 'one a:0.8 three')).toBe('one eight three');
  expect(merged('88:0.9 5:0.9', 'eight eight:0.9 five')).toBe('88 5');
});

test('a digit that becomes a letter is marked unsure', () => {
  const { words } = secondOpinion(firstPass('m:0.9 8:0.3 x:0.9'), heard('m a:0.95 x'), 80_000);
  expect(words.map(({ text }) => text)).toEqual(['m', 'A', 'x']);
  expect(words[1]?.confidence).toBeLessThanOrEqual(0.5);
});

test('ordinary speech stays as it is', () => {
  const first = firstPass('I:0.9 want:0.9 to:0.9 see:0.9 you:0.9');
  expect(secondOpinion(first, heard('* * two:0.6 c:0.5 u:0.6'), 80_000)).toBe(first);
  expect(secondOpinion(first, heard('* * * * *'), 80_000)).toBe(first);
  expect(secondOpinion(first, [], 80_000)).toBe(first);
  const sure = firstPass('Poor:0.99');
  expect(secondOpinion(sure, heard('four:0.7'), 80_000)).toBe(sure);
});

test('digits inside a sentence: the words before and after stay', () => {
  expect(merged('My:0.9 number:0.9 is:0.9 for:0.3 two:0.8 too:0.4 please.:0.9', '* * * four two two *')).toBe(
    'My number is four two two please.',
  );
});

test('words lie in order, in the sound, and do not overlap; "o" is a letter among letters only', () => {
  const result = secondOpinion(firstPass('two:0.5 four:0.5'), heard('two o four'), 12_000);
  expect(result.words.map(({ text }) => text)).toEqual(['two', 'oh', 'four']);
  result.words.forEach((word, index) => {
    expect(word.startSample).toBeLessThan(word.endSample);
    expect(word.startSample).toBeGreaterThanOrEqual(result.words[index - 1]?.endSample ?? 0);
  });
  expect(result.words.at(-1)?.endSample).toBeLessThanOrEqual(12_000);
  expect(merged('', 'j o e')).toBe('J O E');
});

test('asked are short, unsure and empty segments and such with digits or letters in a row', () => {
  const asked = (line: string, seconds: number): boolean =>
    wantsSecondOpinion({ pcm: new Int16Array(seconds * 8000), speechSeen: true, purpose: 'final' }, firstPass(line));
  expect(asked('Hello there my friend', 1)).toBe(true);
  expect(asked('', 4)).toBe(true);
  expect(asked('It:0.5 was:0.5 for:0.5 me:0.5', 4)).toBe(true);
  expect(asked('the code is 48', 4)).toBe(true);
  expect(asked('call nine one one', 4)).toBe(true);
  expect(asked('we will be there by then', 4)).toBe(false);
});
