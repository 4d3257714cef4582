import { expect, it } from 'vitest';
import type { ChannelSide } from '#sip/types.ts';
import { isSilent } from '#test/redaction/clean.ts';
import { LiveCall, rowsOf, textsOf } from '#test/redaction/live-call.ts';
import type { RedactorOutput } from './types.ts';

const ordinary = 'Wonderful, everything else about that delivery looks perfectly fine from our end today.';
const answer = 'Brilliant, that sounds really great, everybody here will certainly be pleased about it.';
const holdMs = 30_000;
const silenceOf = (outputs: readonly RedactorOutput[]) =>
  outputs.flatMap(({ silence, unheard }) => [...silence, ...unheard]);
const threeSides: readonly ChannelSide[] = ['caller', 'callee', 'other'];

it.each<[string, readonly ChannelSide[], ChannelSide, ChannelSide]>([
  ['caller to other', threeSides, 'caller', 'other'],
  ['other to callee', threeSides, 'other', 'callee'],
  ['callee to caller', threeSides, 'callee', 'caller'],
  ['on one channel', ['mixed'], 'mixed', 'mixed'],
])('finds the answer of any side to the question of any other: %s', (_, sides, asking, answering) => {
  const call = new LiveCall(holdMs, sides);
  const outputs = [
    ...call.say(asking, 'What is the long number on the front?'),
    ...call.say(answering, 'It is four one one one, one one one one, one one one one, one one one one.'),
    ...call.say(asking, 'And the security code on the back?'),
    ...call.say(answering, 'The code says seven three nine.'),
    ...call.say(asking, ordinary),
    ...call.say(answering, answer),
    ...call.end(),
  ];
  expect(textsOf(outputs)).toEqual(expect.arrayContaining(['It is [CARD].', 'The code says [CVV].', ordinary, answer]));
  expect(new Set(rowsOf(outputs).map(({ kind, side }) => `${kind} ${side}`))).toEqual(
    new Set([`card ${answering}`, `cvv ${answering}`]),
  );
});

it.each<[string, readonly ChannelSide[], ChannelSide, ChannelSide]>([
  ['of three', threeSides, 'other', 'caller'],
  ['on one channel', ['mixed'], 'mixed', 'mixed'],
])('takes the first answer for a number though it was heard as ordinary words: %s', (_, sides, asking, answering) => {
  const call = new LiveCall(holdMs, sides);
  call.say(asking, 'Could you read me the card number when you are ready?');
  const fromMs = call.nowMs;
  const outputs = call.say(answering, 'Time, time, time, time.', 2400);
  const toMs = call.nowMs;
  outputs.push(...call.say(asking, ordinary), ...call.say(answering, answer), ...call.end());
  expect(textsOf(outputs).some((text) => text.includes('ime,'))).toBe(false);
  expect(isSilent(silenceOf(outputs), fromMs, toMs)).toBe(true);
});

it('finds a number that three people say in turn', () => {
  const call = new LiveCall(holdMs, threeSides);
  const outputs = [
    ...call.say('caller', 'four one one one'),
    ...call.say('other', 'five five one two'),
    ...call.say('callee', 'six seven three nine'),
    ...call.say('caller', ordinary),
    ...call.end(),
  ];
  expect(textsOf(outputs).filter((text) => /one|two|nine/.test(text))).toEqual([]);
});

it('finds a number in a turn that holds the question, the answer and the thanks', () => {
  const call = new LiveCall(holdMs, ['mixed']);
  const said = 'And the security code please? Seven three nine. Lovely, thank you very much for that.';
  const outputs = [...call.say('mixed', said), ...call.say('mixed', answer), ...call.end()];
  expect(textsOf(outputs).join(' ')).not.toMatch(/seven|three|nine/i);
  expect(textsOf(outputs)).toContain(answer);
});

it('masks a word like a digit between two turns on one channel, and leaves it within one', () => {
  const call = new LiveCall(holdMs, ['mixed']);
  call.say('mixed', 'What is your card number?');
  const outputs = [
    ...call.say('mixed', 'four one one one one one one one'),
    ...call.say('mixed', 'Go ahead. Won And please bring the receipt along to our branch office tomorrow morning.'),
    ...call.end(),
  ];
  expect(textsOf(outputs).at(-1)).toMatch(
    /^Go ahead\. \[\w+\] And please bring the receipt along to our branch office tomorrow morning\.$/,
  );
});

it('keeps an order number that is read back on the same channel', () => {
  const call = new LiveCall(holdMs, ['mixed']);
  const number = 'four five one two eight eight three nine oh one two three';
  const outputs = [
    ...call.say('mixed', 'Good morning, delivery department, what is the order number please?'),
    ...call.say('mixed', `My order number is ${number}.`),
    ...call.say('mixed', `So that was ${number}.`),
    ...call.say('mixed', ordinary),
    ...call.say('mixed', answer),
    ...call.end(),
  ];
  expect(textsOf(outputs).filter((text) => text.includes(number))).toHaveLength(2);
});

it('waits with the mark for every side, and for one that comes late from then on', () => {
  const call = new LiveCall(holdMs, ['caller', 'callee']);
  expect(call.quiet(20_000).at(-1)?.releasedUntilMs).toBeGreaterThan(15_000);
  call.join('other');
  const joinedMs = call.nowMs;
  const heard = { type: 'progress', callId: 'call', decidedMs: joinedMs + 20_000, heardMs: joinedMs + 20_000 } as const;
  const markMs = (['caller', 'callee'] as const).map((side) => call.redactor.heard({ ...heard, side }).releasedUntilMs);
  expect(Math.max(...markMs)).toBeLessThanOrEqual(joinedMs);
  expect(call.redactor.heard({ ...heard, side: 'other' }).releasedUntilMs).toBeGreaterThan(joinedMs + 15_000);
});

it('masks and silences the late side too where the call ends before it was heard', () => {
  const call = new LiveCall(holdMs, ['caller', 'callee']);
  call.quiet(5000);
  call.join('other');
  call.say('other', 'It is four five one two.');
  const outputs = [call.redactor.finish()];
  expect(textsOf(outputs)).toEqual(['It is [DIGITS].']);
  expect(rowsOf(outputs)).toContainEqual(expect.objectContaining({ kind: 'unheard', side: 'other' }));
  expect(isSilent(silenceOf(outputs), call.nowMs, call.nowMs + 3_600_000)).toBe(true);
});

it('does not open a closed passage again because somebody joins', () => {
  const call = new LiveCall(holdMs, ['caller', 'callee']);
  call.say('callee', 'What is your card number?');
  call.say('caller', 'four one one one one one one one one one one one one one one one');
  call.say('callee', ordinary);
  call.say('caller', 'Brilliant, I will tell everybody about it.');
  call.say('callee', 'Certainly, somebody else will handle everything tomorrow.');
  expect(call.redactor.status().inPassage).toBe(false);
  call.join('other');
  const outputs = call.quiet(2000);
  expect(call.redactor.status().inPassage).toBe(false);
  expect(outputs.flatMap(({ late }) => late)).toEqual([]);
});

it('leaves a passage on one channel only after more talk, since one person may have said it all', () => {
  const [apart, together] = [
    ['callee', 'caller'],
    ['mixed', 'mixed'],
  ].map(([agent, customer]) => {
    const call = new LiveCall(holdMs, agent === 'mixed' ? ['mixed'] : ['caller', 'callee']);
    call.say(agent as ChannelSide, 'What is your card number?');
    call.say(customer as ChannelSide, 'four one one one one one one one one one one one one one one one');
    call.say(agent as ChannelSide, ordinary);
    call.say(customer as ChannelSide, 'Brilliant, I will tell everybody about it.');
    return textsOf([...call.say(agent as ChannelSide, 'Hmm fine whatever then', 700, 0.3), ...call.end()]).join(' ');
  });
  expect(apart).toContain('whatever');
  expect(together).not.toContain('whatever');
});

it('silences the beginning of a question on one channel where the end of an answer may be lost in it', () => {
  const call = new LiveCall(holdMs, ['mixed']);
  call.say('mixed', 'What is your card number?');
  const outputs = call.say('mixed', 'four one one one one one one');
  const startMs = call.nowMs + 2000;
  const words = 'May I have the C V V please?'.split(' ').map((text, index) => {
    return { text, startMs: startMs + 700 + index * 300, endMs: startMs + 980 + index * 300, confidence: 0.9 };
  });
  const endMs = words.at(-1)?.endMs ?? startMs;
  call.nowMs = endMs;
  const segment = { callId: 'call', side: 'mixed', segmentId: 'question', startMs, endMs } as const;
  const text = words.map((word) => word.text).join(' ');
  outputs.push(
    call.redactor.heard({ ...segment, type: 'final', text, words, confidence: 0.9, language: 'en' }),
    ...call.say('mixed', ordinary),
    ...call.end(),
  );
  expect(isSilent(silenceOf(outputs), startMs, startMs + 700)).toBe(true);
});

it('holds no passage open over a pause that lasts, but over a short one', () => {
  const asked = 'What is your card number? I pause the recording now.';
  const after = 'That went through, your new number is forty two by the way.';
  const call = new LiveCall();
  call.say('callee', asked);
  expect(call.redactor.status().inPassage).toBe(true);
  // Recognition hears silence meanwhile.
  call.quiet(95_000);
  const outputs = call.say('callee', after);
  expect(call.redactor.status().inPassage).toBe(false);
  expect(textsOf([...outputs, ...call.say('caller', answer), ...call.end()])).toContain(after);
  const short = new LiveCall();
  short.say('callee', asked);
  short.quiet(10_000);
  expect(textsOf([...short.say('caller', 'four one one one'), ...short.end()])).not.toContain('four one one one');
});
