import { say, secret, press, type CallScript, type ScriptPart, type ScriptTurn } from './script.ts';
import { developmentVoices } from './voices.ts';
import { seededRandom } from '#lib/testing/random.ts';
import { numberWithLuhn, speakDigits, speakingStyles, type SpeakingStyle } from './spoken-digits.ts';

/**
 * The forty calls of the redaction test, made from a seed: card numbers of 13, 15, 16 and 19 digits from test ranges,
 * in every style of reading, with pauses of 2 s, corrections, read-backs, cards named afterwards, codes, expiry dates,
 * PINs by keys, and 3 % packet loss in every fifth. The caller is the customer. Twenty calls with order numbers beside
 * them, of the same length, named as such and failing Luhn.
 */

type Random = () => number;

const cardShapes = [
  { prefix: '4222', length: 13 },
  { prefix: '3782', length: 15 },
  { prefix: '4000', length: 16 },
  { prefix: '5555', length: 16 },
  { prefix: '2223', length: 16 },
  { prefix: '6011', length: 16 },
  { prefix: '4001', length: 19 },
] as const;

const plainStyles = ['one-by-one', 'fours', 'threes'] as const satisfies readonly SpeakingStyle[];

const openings: readonly (readonly [agent: string, customer: string])[] = [
  ['Good morning, thank you for calling, how can I help you today?', 'Hello, I would like to pay the bill please.'],
  ['Welcome to customer service, what can I do?', 'Hi, my television subscription needs to be paid.'],
  ['Good afternoon, you are speaking with Sarah.', 'Good afternoon, I want to settle my invoice from last month.'],
  ['Hello, accounts department.', 'Hello there, somebody left me a message about an overdue payment.'],
];

const questions = [
  'Certainly. Can I take the long number on the front of your card please?',
  'Of course. What is your card number?',
  'No problem. Could you read me the card number when you are ready?',
  'Sure thing. Which credit card would you like to use, and what is the number?',
];

const closings: readonly (readonly [agent: string, customer: string])[] = [
  [
    'Wonderful, the payment has gone through and a receipt is on its way by email.',
    'Brilliant, that was easy, thank you very much and have a lovely evening.',
  ],
  [
    'Everything went through, your account is completely up to date again.',
    'Perfect, I appreciate your help, enjoy the rest of your week, goodbye.',
  ],
];

const acknowledgements = ['Okay.', 'Uh huh.', 'Go ahead.', 'Yes.', 'Right.'];
const hesitations = ['um', 'let me see', 'hang on', 'and then', 'sorry'];

export function fortyCalls(seed = 20_261_125): CallScript[] {
  const random = seededRandom(seed);
  return Array.from({ length: 40 }, (_, index) => cardCall(index, random));
}

export function orderCalls(seed = 20_261_126): CallScript[] {
  const random = seededRandom(seed);
  return Array.from({ length: 20 }, (_, index) => orderCall(index, random));
}

/** Twenty kinds of call, each once for a machine's voice and once, in plain digits, for spliced recordings. */
function cardCall(call: number, random: Random): CallScript {
  const index = Math.floor(call / 2);
  const spliced = call % 2 === 1;
  const { prefix, length } = pick(cardShapes, index);
  const card = numberWithLuhn(prefix, length, true, random);
  const style = spliced ? pick(plainStyles, index) : pick(speakingStyles, index);
  const [agent, customer] = pick(openings, index);
  const [agentEnd, customerEnd] = pick(closings, index);
  const namedAfterwards = index % 8 === 3;
  const turns: ScriptTurn[] = [
    { side: 'callee', parts: [say(agent)] },
    { side: 'caller', parts: [say(customer)] },
  ];
  if (!namedAfterwards) turns.push({ side: 'callee', parts: [say(pick(questions, index))] });
  turns.push(...readCard(card, style, index, random));
  if (namedAfterwards) turns.push({ side: 'caller', parts: [say('That is my credit card, by the way.')] });
  if (index % 3 === 0) {
    const back = speakDigits(card, pick(speakingStyles, index), random).map((group, at) =>
      secret('card', 'read-back', group, at === 0 ? 0 : 250),
    );
    turns.push(
      { side: 'callee', parts: [say('Let me repeat that.'), ...back] },
      { side: 'caller', parts: [say('Yes that is correct.')] },
    );
  }
  const codes: string[] = [];
  const pins: string[] = [];
  if (index % 2 === 0) turns.push(...readExpiry(random));
  if (index % 2 === 1 || index % 4 === 0) {
    codes.push(code(card.startsWith('37') ? 4 : 3, random));
    turns.push(...readCode(codes[0] ?? '', index));
  }
  if (index % 5 === 2) {
    pins.push(code(4, random));
    turns.push(
      { side: 'callee', parts: [say('Now please enter your PIN on the keypad.')] },
      { side: 'caller', parts: [press(pins[0] ?? '', 1500)] },
    );
  }
  turns.push({ side: 'callee', parts: [say(agentEnd)] }, { side: 'caller', parts: [say(customerEnd)] });
  return {
    name: `card-${call + 1}-${length}-${style}${namedAfterwards ? '-named-afterwards' : ''}`,
    turns,
    cards: [card],
    codes,
    pins,
    orders: [],
    spliced,
    lossPercent: index % 5 === 4 ? 3 : 0,
    voice: judgingVoices(call),
  };
}

/** The card, as one turn, in turns with acknowledgements, with pauses, or with a correction. */
function readCard(card: string, style: SpeakingStyle, index: number, random: Random): ScriptTurn[] {
  const groups = speakDigits(card, style, random);
  const pauseMs = index % 4 === 1 ? 2000 : 250;
  const parts = groups.map((group, at): ScriptPart => secret('card', 'card', group, at === 0 ? 0 : pauseMs));
  if (index % 7 === 5) {
    parts.splice(1, 0, secret('card', 'card', `no sorry ${groups[0]}`, 400));
  }
  if (index % 4 === 2) {
    return parts.flatMap((part, at): ScriptTurn[] => [
      { side: 'caller', parts: [part] },
      ...(at < parts.length - 1 ? [{ side: 'callee', parts: [say(pick(acknowledgements, index + at))] } as const] : []),
    ]);
  }
  if (index % 6 === 4 && parts.length > 2) parts.splice(2, 0, say(pick(hesitations, index), 300));
  return [{ side: 'caller', parts: index % 3 === 1 ? [say('Yes, it is'), ...parts] : parts }];
}

function readExpiry(random: Random): ScriptTurn[] {
  const months = ['oh one', 'oh five', 'nine', 'eleven', 'twelve', 'March', 'October'];
  const years = ['twenty seven', 'two eight', 'twenty thirty', 'two nine'];
  const text = `${pick(months, Math.floor(random() * 99))} ${pick(years, Math.floor(random() * 99))}`;
  return [
    { side: 'callee', parts: [say('And what is the expiry date?')] },
    { side: 'caller', parts: [secret('expiry', 'expiry', text)] },
  ];
}

function readCode(digits: string, index: number): ScriptTurn[] {
  const asks = ['And the security code?', 'And the three digits on the back?', 'May I have the C V V please?'];
  const words = speakDigits(digits, index % 3 === 0 ? 'oh' : 'one-by-one', () => 0).join(' ');
  return [
    { side: 'callee', parts: [say(pick(asks, index))] },
    { side: 'caller', parts: [secret('cvv', 'cvv', words, index % 4 === 1 ? 2000 : 300)] },
  ];
}

function orderCall(index: number, random: Random): CallScript {
  const { prefix, length } = pick(cardShapes, index + 2);
  const number = numberWithLuhn(prefix, length, false, random);
  const groups = speakDigits(number, index % 2 === 0 ? 'fours' : 'one-by-one', random);
  const names = ['order number', 'tracking number', 'reference number', 'confirmation number', 'booking reference'];
  const name = pick(names, index);
  const parts = groups.map((group, at) => say(group, at === 0 ? 0 : 250));
  const asked = index % 2 === 0;
  return {
    name: `order-${index + 1}-${length}`,
    turns: [
      { side: 'callee', parts: [say('Good morning, delivery department, how can I help?')] },
      { side: 'caller', parts: [say('Hello, my parcel never arrived and the neighbours have not seen it.')] },
      ...(asked ? [{ side: 'callee', parts: [say(`I am sorry to hear that. What is your ${name}?`)] } as const] : []),
      { side: 'caller', parts: asked ? parts : [say(`The ${name} is`), ...parts] },
      { side: 'callee', parts: [say('Thank you, I can see that the driver left it at the post office yesterday.')] },
      { side: 'caller', parts: [say('Really, nobody told us anything about that, which office do you mean?')] },
      { side: 'callee', parts: [say('The big one beside the railway station, please bring some identification.')] },
      { side: 'caller', parts: [say('Great, we will go there tomorrow morning then, thanks for your help.')] },
    ],
    cards: [],
    codes: [],
    pins: [],
    orders: [number],
    spliced: false,
    lossPercent: 0,
    voice: judgingVoices(index + 3),
  };
}

/** Two of the twelve voices that nothing was developed with. */
function judgingVoices(call: number): CallScript['voice'] {
  return { caller: developmentVoices + (call % 12), callee: developmentVoices + ((call + 5) % 12) };
}

/** Codes without a zero at the start and with distinct digits: unlikely in any time or id, and easy to look for. */
function code(length: number, random: Random): string {
  const digits = '123456789'.split('');
  return Array.from({ length }, () => digits.splice(Math.floor(random() * digits.length), 1)[0]).join('');
}

function pick<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length]!;
}
