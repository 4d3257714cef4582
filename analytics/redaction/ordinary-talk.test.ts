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
    ...call.end(),
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
    ...call.end(),
  ];
  expect(textsOf(outputs)).toContain(number);
});

it.each([
  'I will call you on the back of that meeting.',
  'Could you please leave it on the front porch?',
  'And the dog sleeps on the back seat.',
  'What is the postal code of that office?',
  'There are some things in my cart already.',
  'What is their number, if you have it?',
  'What is the number of bags allowed?',
  'My ride ID is 736 and it cost 40 credits.',
])('opens no card passage: %s', (text) => {
  const call = new LiveCall();
  call.say('caller', text);
  expect(call.redactor.status().inPassage).toBe(false);
});

it.each([
  ['And the three digits on the back?', 0.9],
  ['What is the code on the back of it?', 0.9],
  ['Can I take the long number on the front please?', 0.9],
  ['And the free stitches on the back?', 0.4],
  ['I need to use the cord, please.', 0.4],
])('opens one: %s (confidence %f)', (text, confidence) => {
  const call = new LiveCall();
  call.say('callee', text, 700, confidence);
  expect(call.redactor.status().inPassage).toBe(true);
});

it('keeps a number whose name was half understood', () => {
  const call = new LiveCall();
  const heard = call.say('caller', 'The organ number is 4222 9010 33', 700, 0.4);
  expect(
    textsOf([...heard, ...call.say('callee', 'Thank you, it was delivered yesterday afternoon.'), ...call.end()]),
  ).toContain('The organ number is 4222 9010 33');
});

it('gives out talk without numbers at once, and short numbers when the talk goes on', () => {
  const call = new LiveCall();
  expect(textsOf(call.say('caller', 'Hello, can you hear me?'))).toEqual(['Hello, can you hear me?']);
  expect(textsOf(call.say('caller', 'It is forty five.'))).toEqual([]);
  expect(textsOf(call.say('callee', 'Perfect.'))).toEqual(['Perfect.']);
  expect(textsOf(call.say('caller', after))).toEqual(['It is forty five.', after]);
});

it('gives out a short number when nobody says more', () => {
  const call = new LiveCall();
  call.say('caller', 'It is forty five.');
  expect(textsOf(call.quiet(11_000))).toEqual([]);
  expect(textsOf(call.quiet(3000))).toEqual(['It is forty five.']);
});
