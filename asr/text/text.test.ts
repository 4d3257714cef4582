import { describe, expect, test } from 'vitest';
import { alignWords } from './align.ts';
import { normaliseWords } from './normalise.ts';
import { decodeTokens, encodeText, hasLetters, wordSpans } from './tokens.ts';

describe('tokens', () => {
  test('a text survives the way into tokens and back, bytes outside the vocabulary included', () => {
    for (const text of ['Hello, this is Sidetone.', 'naïve café', '♪', '4111 1111', "it's 9 o'clock"]) {
      expect(decodeTokens(encodeText(text))).toBe(text);
    }
  });

  test('control tokens and those past the text vocabulary are silent', () => {
    expect(decodeTokens([0, 1, 2, 32_000, 32_767])).toBe('');
  });

  test('words keep the punctuation after them, and each token belongs to one word', () => {
    const tokens = encodeText('Well, unbelievably good.');
    const spans = wordSpans(tokens);
    expect(spans.map(([first, afterLast]) => decodeTokens(tokens.slice(first, afterLast)))).toEqual([
      'Well,',
      'unbelievably',
      'good.',
    ]);
    expect(spans[0]?.[0]).toBe(0);
    expect(spans.at(-1)?.[1]).toBe(tokens.length);
    spans.slice(1).forEach(([first], index) => expect(first).toBe(spans[index]?.[1]));
  });

  test('digits said one by one are words of their own, digits in a row are one', () => {
    const tokens = encodeText('It is 5, 4, 17 and 4111.');
    const words = wordSpans(tokens).map(([first, afterLast]) => decodeTokens(tokens.slice(first, afterLast)));
    expect(words).toEqual(['It', 'is', '5,', '4,', '17', 'and', '4111.']);
    expect(wordSpans([...tokens, ...encodeText(' ').slice(0, 1)])).toHaveLength(words.length);
  });

  test('punctuation carries no letters, half of a letter outside ASCII does', () => {
    const [comma = 0] = encodeText(',').slice(-1);
    expect(hasLetters(comma)).toBe(false);
    expect(encodeText('œ').some(hasLetters)).toBe(true);
  });
});

describe('normalised words', () => {
  test.each([
    ['HELLO WORLD', 'Hello, world!'],
    ['two hundred and thirty four', '234'],
    ['two three four', '234'],
    ['nineteen oh five', '1905'],
    ['one thousand two hundred', '1,200'],
    ['twenty five', '25'],
    ['five million', '5 million'],
    ['three point five percent', '3.5%'],
    ['the twenty first', 'the twenty first'],
    ['the first of may', 'the 1st of May'],
    ['zero eight double', 'oh eight double'],
    ['seven hundred', '700'],
    ['i am sure that it is not here', "I'm sure that it isn't here."],
    ['he will not and can not', "He won't and can't"],
    ['the neighbour realised', 'The neighbor realized'],
    ['john brothers house', "John brother's house"],
    ['mister smith', 'Mr. Smith'],
    ['long buried wife', 'long-buried wife'],
    ['u s a', 'U.S.A.'],
  ])('%s = %s', (one, other) => {
    expect(normaliseWords(other).join(' ').replaceAll(' ', '')).toBe(normaliseWords(one).join(' ').replaceAll(' ', ''));
  });

  test('words that differ stay different', () => {
    expect(normaliseWords('one hundred')).not.toEqual(normaliseWords('one thousand'));
    expect(normaliseWords("it's")).not.toEqual(normaliseWords('its'));
    expect(normaliseWords('thirty')).not.toEqual(normaliseWords('thirteen'));
    expect(normaliseWords('fifty sixty')).toEqual(['5', '0', '6', '0']);
  });

  test('letters spelled in capitals count one by one, beside small letters only', () => {
    expect(normaliseWords('Erase UDB.')).toEqual(['erase', 'u', 'd', 'b']);
    expect(normaliseWords('ERASE ALL')).toEqual(['erase', 'all']);
  });

  test('an oh is a zero beside digits and a word elsewhere', () => {
    expect(normaliseWords('oh two one')).toEqual(['0', '2', '1']);
    expect(normaliseWords('two oh one')).toEqual(['2', '0', '1']);
    expect(normaliseWords('oh dear')).toEqual(['oh', 'dear']);
  });
});

describe('alignment', () => {
  test('counts each kind of error and shows the pairs', () => {
    const { substitutions, deletions, insertions, pairs } = alignWords(
      ['the', 'cat', 'sat', 'down', 'now'],
      ['a', 'the', 'cat', 'sad', 'down'],
    );
    expect({ substitutions, deletions, insertions }).toEqual({ substitutions: 1, deletions: 1, insertions: 1 });
    expect(pairs).toEqual([
      { reference: undefined, heard: 'a' },
      { reference: 'the', heard: 'the' },
      { reference: 'cat', heard: 'cat' },
      { reference: 'sat', heard: 'sad' },
      { reference: 'down', heard: 'down' },
      { reference: 'now', heard: undefined },
    ]);
  });

  test('nothing heard is all deleted, nothing said is all inserted', () => {
    expect(alignWords(['one', 'two'], [])).toMatchObject({ deletions: 2, insertions: 0, substitutions: 0 });
    expect(alignWords([], ['one'])).toMatchObject({ deletions: 0, insertions: 1, substitutions: 0 });
  });
});
