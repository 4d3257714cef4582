import { describe, expect, test } from 'vitest';
import { encodeText } from '../../text/tokens.ts';
import type { Heard } from './acoustic.ts';
import { PhraseTrie, trieOf } from './phrases.ts';
import { chooseReading, isWeak } from './readings.ts';
import { answerBonus, spokenBonus } from './spoken-forms.ts';
import { soundIn } from './surroundings.ts';

const heard = (text: string, score: number): Heard => {
  const tokens = encodeText(text);
  return {
    tokens,
    logProbs: tokens.map(() => score / tokens.length),
    score,
    endProbability: 0,
    attention: new Float32Array(0),
    frames: 0,
  };
};
const tokensOf = (text: string): readonly number[] => encodeText(text);

describe('choosing a reading', () => {
  test('ways of writing the same words add up', () => {
    const readings = [heard('Poor man.', -1.1), heard('Poor man', -1.2), heard('Pure man.', -0.9)];
    expect(chooseReading([readings], false)?.heard.tokens).toEqual(tokensOf('Poor man.'));
  });

  test('what one hearing is sure of is weighed against what the other does not have', () => {
    const chosen = chooseReading(
      [
        [heard('Fine day.', -0.5), heard('Five days.', -1.5)],
        [heard('Five days.', -0.2), heard('Fire.', -4)],
      ],
      false,
    );
    expect(chosen?.heard.tokens).toEqual(tokensOf('Five days.'));
    expect(chosen?.hearing).toBe(1);
    expect(chosen?.share).toBeGreaterThan(0.5);
  });

  test('digits and spelled letters win where they are nearly as likely, elsewhere they do not', () => {
    const spelled = [heard('See the W eight.', -2), heard('C D W eight.', -4)];
    expect(chooseReading([spelled], false)?.heard.tokens).toEqual(tokensOf('C D W eight.'));
    const sentence = [heard('I see.', -2), heard('I C.', -3)];
    expect(chooseReading([sentence], false)?.heard.tokens).toEqual(tokensOf('I see.'));
  });

  test('a lone answer is likelier only where the segment is short', () => {
    const readings = [heard('Poor.', -1), heard('Four.', -2.5)];
    expect(chooseReading([readings], true)?.heard.tokens).toEqual(tokensOf('Four.'));
    expect(chooseReading([readings], false)?.heard.tokens).toEqual(tokensOf('Poor.'));
  });

  test('none where the first hearing has nothing said, or there is no hearing', () => {
    expect(chooseReading([[heard('', -0.01)], [heard('Yes.', -0.1)]], true)).toBeUndefined();
    expect(chooseReading([], true)).toBeUndefined();
  });

  test('an utterance is weak by what its tokens are worth on average', () => {
    expect(isWeak(heard('Hello there, how are you?', -0.4))).toBe(false);
    expect(isWeak(heard('Hello there, how are you?', -4))).toBe(true);
  });
});

describe('what is said on telephones', () => {
  test('counts numbers and runs of letters, not articles', () => {
    expect(spokenBonus('I saw a man. Is he a B?')).toBe(0);
    expect(spokenBonus('A R T')).toBeGreaterThan(spokenBonus('A R tea'));
    expect(spokenBonus('five five')).toBeGreaterThan(spokenBonus('five'));
    expect(spokenBonus('545')).toBe(spokenBonus('five four five'));
  });

  test('knows answers of one word', () => {
    for (const text of ['Yes.', 'four', 'Thank you!', '4']) expect(answerBonus(text)).toBeGreaterThan(0);
    for (const text of ['Poor.', 'Yes sir.', 'Oh.', '']) expect(answerBonus(text)).toBe(0);
  });
});

describe('phrases', () => {
  test('favour the first token anywhere and the next one inside a phrase only', () => {
    const trie = new PhraseTrie(['Kovalenko', 'Kovno Street']);
    const [first = 0, second = 0] = encodeText('Kovalenko');
    const before = trie.bonuses(encodeText('My name is'));
    expect(before.get(first)).toBeGreaterThan(0);
    expect(before.get(second)).toBeUndefined();
    const inside = trie.bonuses([...encodeText('My name is'), first]);
    expect(inside.get(second)).toBeGreaterThan(before.get(first) ?? 0);
  });

  test('are made into a trie once for an array, none for an empty one', () => {
    const phrases = ['Sidetone'];
    expect(trieOf(phrases)).toBe(trieOf(phrases));
    expect(trieOf([])).toBeUndefined();
  });
});

describe('surroundings', () => {
  const pcm = Int16Array.from({ length: 100 }, (_, index) => 300 * index);

  test('silence on both sides, the sound keeps its place between', () => {
    const sound = soundIn(pcm, { padSamples: 50, noise: 0 });
    expect(sound).toHaveLength(200);
    expect([...sound.subarray(0, 50), ...sound.subarray(150)].every((sample) => sample === 0)).toBe(true);
    expect(sound.subarray(50, 150)).toEqual(pcm);
  });

  test('noise is faint, always the same, and turns no loud sample over', () => {
    const loud = new Int16Array(4000).fill(32_767);
    const sound = soundIn(loud, { padSamples: 0, noise: 16 });
    expect(sound).toEqual(soundIn(loud, { padSamples: 0, noise: 16 }));
    expect(Math.min(...sound)).toBeGreaterThanOrEqual(32_751);
    expect(new Set(sound).size).toBeGreaterThan(10);
  });
});
