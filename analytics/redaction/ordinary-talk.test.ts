import { expect, it } from 'vitest';
import { LiveCall, textsOf } from '#test/redaction/live-call.ts';

const after = 'Anyway, my neighbour said that everybody in our street had the very same trouble.';

it.each([
  'We would like the two for one offer please.',
  'I called three times and nobody answered.',
  'My order number is four five one two eight eight three nine oh one two three.',
  'My phone number is five five five oh one two three four five six seven.',
  'The support line says that it is open 24/7 for everybody.',
  'Let us meet at four thirty on the 21st if that suits.',
  'It cost $45 and then another 19.99 for the delivery.',
  'She was born in nineteen eighty four near Leeds.',
  'Please transfer one thousand three hundred and thirty dollars to Diego.',
  'Order 4512 never came.',
  'Tracking number 1Z 999 AA 10123 45678 4 says delivered.',
  'I waited for an hour to talk to one of you, oh dear.',
  'That makes two thousand five hundred pounds altogether.',
  'He won the race too, and ate for four.',
])('leaves alone: %s', (text) => {
  const call = new LiveCall();
  const outputs = [
    ...call.say('callee', 'Good morning, how can I help you?'),
    ...call.say('caller', text),
    ...call.say('caller', after),
    call.redactor.finish(),
  ];
  expect(textsOf(outputs)).toContain(text);
  expect(outputs.flatMap(({ redactions, silence }) => [...redactions, ...silence])).toEqual([]);
});

it('keeps a number that the other side asked for by its name', () => {
  const call = new LiveCall();
  const number = '45128 83901 23412';
  const outputs = [
    ...call.say('callee', 'What is the tracking number of your parcel?'),
    ...call.say('caller', number),
    ...call.say('callee', 'Thank you, it was delivered yesterday afternoon.'),
    ...call.say('caller', after),
    call.redactor.finish(),
  ];
  expect(textsOf(outputs)).toContain(number);
});

it('gives out talk without numbers at once, and short numbers when the talk goes on', () => {
  const call = new LiveCall();
  expect(textsOf(call.say('caller', 'Hello, can you hear me?'))).toEqual(['Hello, can you hear me?']);
  expect(textsOf(call.say('caller', 'It is four five one two.'))).toEqual([]);
  expect(textsOf(call.say('callee', 'Perfect.'))).toEqual(['Perfect.']);
  expect(textsOf(call.say('caller', after))).toEqual(['It is four five one two.', after]);
});

it('gives out a short number when nobody says more', () => {
  const call = new LiveCall();
  call.say('caller', 'It is four five one two.');
  expect(textsOf(call.quiet(11_000))).toEqual([]);
  expect(textsOf(call.quiet(3000))).toEqual(['It is four five one two.']);
});
