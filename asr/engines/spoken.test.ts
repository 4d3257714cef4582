import { describe, expect, test } from 'vitest';
import { resultOf, wordsIn } from './spoken.ts';
import { wordsByTokens } from './sherpa/token-times.ts';

/** Sound from 1 s to 3 s of four. */
const pcm = new Int16Array(32_000).fill(1000, 8000, 24_000);
const spans = (...of: Parameters<typeof resultOf>) =>
  resultOf(...of).words.map(({ text, startSample, endSample }) => [text, startSample, endSample]);

describe('words of which an engine says too little', () => {
  test('share the time between the first and the last sound by their letters', () => {
    expect(spans({ text: 'One, seven' }, pcm)).toEqual([
      ['One,', 8000, 14_400],
      ['seven', 14_400, 24_000],
    ]);
    expect(resultOf({ text: 'One, seven' }, pcm)).toMatchObject({ confidence: 1, empty: false });
  });

  test('stand between those of which it says more', () => {
    const words = [
      { text: 'a', startSample: 9000, endSample: 10_000 },
      { text: 'b' },
      { text: 'c', startSample: 12_000, endSample: 13_000 },
    ];
    expect(spans({ text: 'a b c', words }, pcm)).toEqual([
      ['a', 9000, 10_000],
      ['b', 10_000, 12_000],
      ['c', 12_000, 13_000],
    ]);
  });

  test('whatever an engine says, they are in order and within the audio', () => {
    const words = [
      { text: 'a', startSample: -50, endSample: 90_000, confidence: 7 },
      { text: 'b', startSample: 20_000, endSample: 10 },
      { text: 'c', startSample: 15_000, endSample: 99_000, confidence: -1 },
    ];
    const result = resultOf({ text: 'a b c', words }, pcm);
    let before = 0;
    for (const { startSample, endSample, confidence } of result.words) {
      expect(startSample).toBeGreaterThanOrEqual(before);
      expect(endSample).toBeGreaterThanOrEqual(startSample);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
      before = endSample;
    }
    expect(before).toBeLessThanOrEqual(pcm.length);
  });

  test('are cut where a script has no spaces', () => {
    expect(wordsIn('你好，世界。 hello there')).toEqual(['你好，', '世界。', 'hello', 'there']);
    expect(resultOf({ text: ' ... ' }, pcm).empty).toBe(true);
  });
});

describe('times by tokens', () => {
  test('count off letters, whatever case and marks of spaces', () => {
    const tokens = ['\u2581HEL', 'LO', '<unk>', '\u2581WORLD'];
    const said = { text: 'hello world', tokens, timestamps: [0.1, 0.3, 0.35, 0.5], logProbs: [-0.1, -1, -9, -0.2] };
    const [hello, world] = wordsByTokens(said) ?? [];
    expect(hello).toMatchObject({ text: 'hello', startSample: 800, endSample: 4000, confidence: Math.exp(-1) });
    expect(world).toMatchObject({ startSample: 4000, confidence: Math.exp(-0.2) });
  });

  test('are left alone where tokens do not spell the text', () => {
    expect(
      wordsByTokens({ text: '15 euros', tokens: [' fif', 'teen', ' euros'], timestamps: [0, 1, 2] }),
    ).toBeUndefined();
    expect(wordsByTokens({ text: 'hello', tokens: ['hello'], timestamps: [] })).toBeUndefined();
  });
});
