import { expect, it } from 'vitest';
import { isSilent } from '#test/redaction/clean.ts';
import { LiveCall, textsOf } from '#test/redaction/live-call.ts';
import type { RedactorOutput } from './types.ts';

const after = 'Wonderful, everything went through and the receipt is already on its way.';
const goodbye = 'Brilliant, everybody at home will certainly be pleased about that, goodbye.';

const silenceOf = (outputs: readonly RedactorOutput[]) =>
  outputs.flatMap(({ silence, lateSilence }) => [...silence, ...lateSilence]);

function ended(call: LiveCall): RedactorOutput[] {
  return [...call.say('callee', after), ...call.say('caller', goodbye), ...call.end()];
}

it('finds a number dictated in pieces of which little was understood, nor the question', () => {
  const call = new LiveCall();
  call.say('callee', 'Of course, what did your cartoon move?', 700, 0.6);
  const fromMs = call.nowMs;
  const outputs = [
    ...call.say('caller', 'Poor Neil salmon', 1500, 0.3),
    ...call.say('callee', 'Okay.'),
    ...call.say('caller', 'Three, free, near-road', 1500, 0.4),
    ...call.lost('no-words', 'caller', 1100),
    ...call.say('caller', 'Two times high', 1500, 0.4),
    ...call.say('caller', 'Six. Nine.', 1500, 0.9),
  ];
  const toMs = call.nowMs;
  outputs.push(...ended(call));
  expect(textsOf(outputs).filter((text) => /three|two|six|nine/i.test(text))).toEqual([]);
  expect(isSilent(silenceOf(outputs), fromMs, toMs)).toBe(true);
  expect(textsOf(outputs)).toEqual(expect.arrayContaining([after, goodbye]));
});

it('silences the answer to a question for a card though it was heard as ordinary words, and the pause before it', () => {
  const call = new LiveCall();
  call.say('callee', 'Could you read me the card number when you are ready?');
  const fromMs = call.nowMs;
  const outputs = call.say('caller', 'Time, time, time, time.', 2400);
  const toMs = call.nowMs;
  outputs.push(...ended(call));
  expect(textsOf(outputs).some((text) => text.includes('ime'))).toBe(false);
  expect(isSilent(silenceOf(outputs), fromMs, toMs)).toBe(true);
});

it('masks a lone digit of which much more was said', () => {
  const call = new LiveCall();
  call.say('callee', 'Hello, accounts department.');
  const startMs = call.nowMs + 700;
  call.nowMs += 7000;
  const words = [{ text: '5,', startMs: startMs + 200, endMs: call.nowMs, confidence: 0.8 }];
  const heard = {
    type: 'final',
    callId: 'call',
    side: 'caller',
    segmentId: 'long',
    startMs,
    endMs: call.nowMs,
  } as const;
  const outputs = [
    call.redactor.heard({ ...heard, text: '5,', words, confidence: 0.8, language: 'en' }),
    ...ended(call),
  ];
  expect(textsOf(outputs).some((text) => text.includes('5'))).toBe(false);
  expect(isSilent(silenceOf(outputs), startMs, startMs + 6300)).toBe(true);
});

it('masks a code right after a card, though nobody understood the question for it', () => {
  const call = new LiveCall();
  call.say('caller', 'four one one one one one one one one one one one one one one one');
  call.say('callee', 'Thank you very much for that, everything looks quite correct.');
  call.say('caller', 'Wonderful, those are really great news indeed, thanks.');
  call.say('callee', 'And must have cure really cold.', 700, 0.6);
  const outputs = [...call.say('caller', 'seven three nine'), ...ended(call)];
  expect(textsOf(outputs).some((text) => text.includes('seven'))).toBe(false);
});

it('takes no accounts department for the name of a number, but an order number', () => {
  const greetings = ['Hello, accounts department.', 'Hello, what is the order number?'];
  const kept = greetings.map((greeting) => {
    const call = new LiveCall();
    call.say('callee', greeting);
    call.say('caller', 'Hello there, somebody left me a message today.');
    const outputs = [...call.say('caller', 'four five one two seven three nine one two six five'), ...ended(call)];
    return textsOf(outputs).some((text) => text.includes('seven'));
  });
  expect(kept).toEqual([false, true]);
});

it('shows no second digit live where one between the two was misheard', () => {
  const call = new LiveCall();
  expect(call.begin('caller', 'fifty times fifty five').at(-1)).toBe('fifty times');
});

it('shows no second digit live where the turn with the first was misheard in the end', () => {
  const call = new LiveCall();
  const partial = { type: 'partial', callId: 'call', side: 'caller', segmentId: 'first' } as const;
  const five = { text: 'Five,', startMs: 1200, endMs: 1500, confidence: 0.6 };
  expect(call.redactor.heard({ ...partial, words: [five] }).partials).toHaveLength(1);
  const bye = { text: 'Bye', startMs: 1200, endMs: 1500, confidence: 0.8 };
  const heard = { ...partial, startMs: 1100, endMs: 1600, text: 'Bye', confidence: 0.8, language: 'en' } as const;
  call.redactor.heard({ ...heard, type: 'final', words: [bye] });
  expect(call.begin('caller', 'four nine', 2000)).toEqual([]);
});

it('takes no digit for an amount because the next turn of phrase begins with a measure', () => {
  const call = new LiveCall();
  const said =
    'Yes, it is triple, two, three. Time, two, time, three. Sorry, time, three, one, zero. Zero, one, double, three.';
  const outputs = [...call.say('caller', said), ...ended(call)];
  expect(textsOf(outputs)[0]).not.toMatch(/two|three|one|zero/);
});

it('takes no word of everyday talk for the name of a number, unless it stands close beside it', () => {
  const number = 'four five one two seven three nine one two six five';
  const kept = ['I think that a lot of them are running.', 'Which lot number is it please?'].map((asked) => {
    const call = new LiveCall();
    call.say('callee', asked);
    return textsOf([...call.say('caller', number), ...ended(call)]).some((text) => text.includes('seven'));
  });
  expect(kept).toEqual([false, true]);
});
