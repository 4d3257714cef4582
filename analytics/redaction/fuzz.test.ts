import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redactCall, scriptOf } from '#test/redaction/redact-call.ts';
import { say, secret, type ScriptPart, type ScriptTurn } from '#test/redaction/script.ts';
import { heardApart, heardMixed, heardOfThree, noMistakes } from '#test/redaction/simulated-recogniser.ts';
import { seededRandom } from '#lib/testing/random.ts';
import { numberWithLuhn, speakDigits, speakingStyles } from '#test/redaction/spoken-digits.ts';
import { readings, readToken } from './digit-words.ts';
import { isCardNumber } from './card-numbers.ts';

const between = ['um', 'and then', 'sorry', 'hang on a second', 'okay let me see', 'no sorry wrong one', 'uh next is'];
const answers = ['Okay.', 'Mhm, go ahead.', 'Right, and the next ones?', 'Sorry, say again?', 'Yes yes.'];

const spokenCard = fc.record({
  seed: fc.nat(),
  shape: fc.constantFrom(['4', 13], ['37', 15], ['4', 16], ['51', 16], ['6011', 16], ['4', 19]),
  style: fc.constantFrom(...speakingStyles),
  pausesMs: fc.array(fc.constantFrom(100, 300, 900, 2000, 4000), { minLength: 1, maxLength: 7 }),
  fillerEvery: fc.constantFrom(0, 2, 3),
  answerEvery: fc.constantFrom(0, 1, 2),
  correction: fc.boolean(),
  readBack: fc.boolean(),
  asked: fc.boolean(),
  bothSides: fc.boolean(),
});

/** The card as the caller reads it in parts, each in a turn of its own where the agent answers in between. */
function turnsOf(
  card: string,
  spoken: typeof spokenCard extends fc.Arbitrary<infer Value> ? Value : never,
): ScriptTurn[] {
  const random = seededRandom(spoken.seed);
  const turns: ScriptTurn[] = [{ side: 'callee', parts: [say('Hello and welcome, my name is Susan.')] }];
  if (spoken.asked) turns.push({ side: 'callee', parts: [say('Which card number shall we charge?')] });
  const groups = speakDigits(card, spoken.style, random);
  if (spoken.correction) groups.splice(1, 0, `no sorry that is ${groups[0] ?? ''}`);
  groups.forEach((group, index) => {
    const parts: ScriptPart[] = [secret('card', 'card', group, spoken.pausesMs[index % spoken.pausesMs.length])];
    if (spoken.fillerEvery > 0 && index % spoken.fillerEvery === 1) {
      parts.unshift(say(between[index % between.length] ?? '', 200));
    }
    turns.push({ side: spoken.bothSides && index % 2 === 1 ? 'callee' : 'caller', parts });
    if (spoken.answerEvery > 0 && index % spoken.answerEvery === 0 && index < groups.length - 1) {
      turns.push({ side: 'callee', parts: [say(answers[index % answers.length] ?? '')] });
    }
  });
  if (spoken.readBack) {
    const back = speakDigits(card, 'fours', random).map((group) => secret('card', 'read-back', group, 200));
    turns.push({ side: 'callee', parts: [say('So that was'), ...back] });
  }
  turns.push(
    { side: 'callee', parts: [say('Thanks, everything has been booked and confirmed by email.')] },
    { side: 'caller', parts: [say('Lovely, see you soon then, goodbye, enjoy the weekend.')] },
  );
  return turns;
}

it.each([
  ['on two channels', heardApart, 200],
  ['by three people', heardOfThree, 100],
  ['on one channel', heardMixed, 100],
  ['on one channel, question and answer in one breath', { ...heardMixed, turnGapMs: 300 }, 100],
])('leaves no three digits in a row of any card, however it is read: %s', (_, heardOn, numRuns) => {
  fc.assert(
    fc.property(spokenCard, (spoken) => {
      const [prefix, length] = spoken.shape;
      const card = numberWithLuhn(prefix, length, true, seededRandom(spoken.seed));
      const script = scriptOf('fuzz', turnsOf(card, spoken), [card]);
      expect(redactCall(script, noMistakes, spoken.seed, heardOn).leaks).toEqual([]);
    }),
    { numRuns },
  );
});

it('counts among its readings what was said, in every style', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...speakingStyles), fc.constantFrom(4, 8), (seed, style, length) => {
      const digits = numberWithLuhn('4', length, true, seededRandom(seed));
      const words = speakDigits(digits, style, seededRandom(seed)).join(' ').split(' ');
      const atoms = words.flatMap((word) => readToken(word).atoms);
      expect(readings(atoms)).toContain(digits);
    }),
    { numRuns: 300 },
  );
});

it('makes cards that are cards', () => {
  const cards = Array.from({ length: 50 }, (_, seed) => numberWithLuhn('4', 16, true, seededRandom(seed)));
  expect(cards.filter((card) => !isCardNumber(card))).toEqual([]);
});
