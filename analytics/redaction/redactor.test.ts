import { expect, it } from 'vitest';
import { isSilent } from '#test/redaction/clean.ts';
import { LiveCall, rowsOf, textsOf } from '#test/redaction/live-call.ts';
import type { RedactorOutput } from './types.ts';

const silenceOf = (outputs: readonly RedactorOutput[]) =>
  outputs.flatMap(({ silence, unheard }) => [...silence, ...unheard]);
const ordinary = 'Wonderful, everything else about that delivery looks perfectly fine from our end today.';
const answer = 'Brilliant, that sounds really great, everybody here will certainly be pleased about it.';

it('names each mask by what was asked for, and masks the words as one', () => {
  const call = new LiveCall();
  const outputs = [
    ...call.say('callee', 'What is the long number on the front?'),
    ...call.say('caller', 'It is four one one one, one one one one, one one one one, one one one one.'),
    ...call.say('callee', 'And the expiry date please?'),
    ...call.say('caller', 'That would be oh five twenty seven.'),
    ...call.say('callee', 'And the security code on the back?'),
    ...call.say('caller', 'The code says seven three nine.'),
    ...call.say('callee', 'Finally your PIN please, as you would type it.'),
    ...call.say('caller', 'Right, two eight six four it is.'),
    ...call.say('callee', ordinary),
    ...call.say('caller', answer),
    ...call.end(),
  ];
  const texts = textsOf(outputs);
  expect(texts).toEqual(
    expect.arrayContaining([
      'It is [CARD].',
      'That would be [EXPIRY].',
      'The code says [CVV].',
      'Right, [PIN] it is.',
      ordinary,
      answer,
    ]),
  );
  expect(new Set(rowsOf(outputs).map(({ kind, side }) => `${kind} ${side}`))).toEqual(
    new Set(['card caller', 'expiry caller', 'cvv caller', 'pin caller']),
  );
  const card = outputs.flatMap(({ released }) => released).find(({ text }) => text === 'It is [CARD].');
  expect(card?.words).toHaveLength(3);
  expect(card?.words.at(-1)).toMatchObject({ text: '[CARD].', endMs: card!.endMs - 20 });
});

it('silences from 400 ms before the first digit to 700 ms after the last, and stops the mark before it', () => {
  const call = new LiveCall();
  call.say('callee', 'Which card number shall we use?');
  const outputs = call.say('caller', 'four one one one', 3000);
  const firstMs = call.nowMs - 4 * 300;
  const lastMs = call.nowMs - 20;
  outputs.push(...call.say('caller', 'one one one one', 2000), ...call.quiet(20_000));
  expect(isSilent(silenceOf(outputs), firstMs - 400, lastMs + 2000 + 4 * 300 + 700)).toBe(true);
  let markMs = 0;
  const known: RedactorOutput['silence'][number][] = [];
  for (const { releasedUntilMs, silence, lateSilence } of outputs) {
    expect(releasedUntilMs).toBeGreaterThanOrEqual(markMs);
    for (const { startMs } of silence) expect(startMs).toBeGreaterThanOrEqual(markMs);
    expect(lateSilence).toEqual([]);
    known.push(...silence);
    markMs = releasedUntilMs;
    expect(markMs <= firstMs - 400 || isSilent(known, firstMs - 400, Math.min(markMs, lastMs))).toBe(true);
  }
  expect(markMs).toBeGreaterThan(lastMs);
});

it('masks in a passage what may have been a digit: homophones, fragments, unsure words, speech without text', () => {
  const call = new LiveCall();
  const outputs = [
    ...call.say('callee', 'May I have the three digits on the back?'),
    ...call.lost('no-words', 'caller', 600),
    ...call.say('caller', 'To ate.'),
    ...call.say('caller', 'Hmm fine whatever then', 700, 0.3),
    ...call.say('callee', ordinary),
    ...call.say('caller', answer),
    ...call.end(),
  ];
  const texts = textsOf(outputs);
  expect(texts[0]).toBe('May I have the three digits on the back?');
  expect(texts.filter((text) => /to|ate|fine|whatever/i.test(text) && text !== ordinary && text !== answer)).toEqual(
    [],
  );
  expect(rowsOf(outputs).length).toBeGreaterThan(0);
});

it('shows no partial in a passage, and outside stops before the second digit in a row', () => {
  const call = new LiveCall();
  expect(call.begin('caller', 'it costs four one')).toEqual(['it', 'it costs', 'it costs four']);
  expect(call.begin('caller', 'my order is 4512')).toEqual(['my', 'my order', 'my order is']);
  call.say('callee', 'Which credit card would you like?');
  expect(call.begin('caller', 'let me look').filter((text) => text !== '')).toEqual([]);
  expect(call.begin('callee', 'take your time').filter((text) => text !== '')).toEqual([]);
});

it('takes a partial away once it speaks of a card', () => {
  const call = new LiveCall();
  expect(call.begin('caller', 'well my card')).toEqual(['well', 'well my', '']);
});

it('masks what nothing decided within the hold', () => {
  const call = new LiveCall(5000);
  const outputs = [...call.say('caller', 'seven three nine four'), ...call.quiet(8000)];
  expect(textsOf(outputs)).toEqual(['[DIGITS]']);
  expect([...rowsOf(outputs), ...rowsOf(call.end())]).toMatchObject([{ reason: 'hold-expired' }]);
  expect(call.redactor.status().forcedSegments).toBe(1);
});

it('masks a code whose name comes after it', () => {
  const call = new LiveCall();
  const outputs = [
    ...call.say('caller', 'Seven three nine.'),
    ...call.say('caller', 'That was the security code.'),
    ...call.end(),
  ];
  expect(textsOf(outputs)[0]).toBe('[CVV].');
});

it('rewrites a number whose card is named after it was released', () => {
  const call = new LiveCall();
  call.say('caller', 'It is four five one two seven seven three nine.');
  expect(textsOf(call.say('caller', answer))).toHaveLength(2);
  call.say('callee', ordinary);
  call.quiet(35_000);
  const outputs = call.say('caller', 'By the way those were digits of my card number.');
  expect(outputs.flatMap(({ late }) => late.map(({ text }) => text))).toEqual(['It is [CARD].']);
  expect(outputs.flatMap(({ lateSilence }) => lateSilence)).toHaveLength(1);
  expect(rowsOf(outputs)).toMatchObject([{ kind: 'card', reason: 'late', side: 'caller' }]);
});

it('marks keys as one event, and audio that was never heard as silent', () => {
  const call = new LiveCall();
  call.redactor.keyed('caller', 1000, 1100);
  call.redactor.keyed('caller', 1300, 1700);
  const outputs = [...call.lost('unheard', 'callee', 4000), ...call.end()];
  expect(rowsOf(outputs)).toEqual([
    { kind: 'unheard', side: 'callee', startMs: 1700, endMs: 5700, reason: 'not-recognised' },
    { kind: 'dtmf', side: 'caller', startMs: 1000, endMs: 1700, reason: 'keys' },
  ]);
  expect(silenceOf(outputs)).toEqual([{ startMs: 1700, endMs: 5700 }]);
  expect(rowsOf([call.redactor.keyed('caller', 9000, 9100)])).toHaveLength(1);
});

it('ends with everything released and the mark at the end', () => {
  const call = new LiveCall();
  call.say('caller', 'It is four five one two.');
  const outputs = call.end();
  expect(textsOf(outputs)).toEqual(['It is four five one two.']);
  expect(outputs.at(-1)?.releasedUntilMs).toBe(Number.POSITIVE_INFINITY);
  expect(call.redactor.status()).toMatchObject({ heldSegments: 0, heldWords: 0 });
});

it('masks and silences what is undecided where the call ends before recognition', () => {
  const call = new LiveCall();
  call.say('caller', 'It is four five one two.');
  const output = call.redactor.finish();
  expect(textsOf([output])).toEqual(['It is [DIGITS].']);
  expect(isSilent(silenceOf([output]), call.nowMs, call.nowMs + 3_600_000)).toBe(true);
  expect(rowsOf([output]).map(({ kind, side }) => `${kind} ${side}`)).toEqual(
    expect.arrayContaining(['unheard caller', 'unheard callee']),
  );
});

it('holds what may become a code, and never gives it out where it does', () => {
  const call = new LiveCall();
  const outputs = [
    ...call.say('caller', 'Seven three nine.'),
    ...call.say('caller', 'I wrote that down somewhere on my desk yesterday evening.'),
    ...call.say('callee', 'Certainly, just take your time please.'),
    ...call.say('caller', 'Yes, found it, that was the security code.'),
    ...call.end(),
  ];
  expect(textsOf(outputs).join(' ')).not.toMatch(/seven/i);
  expect(outputs.flatMap(({ late }) => late)).toEqual([]);
  expect(rowsOf(outputs)).toMatchObject([{ kind: 'cvv', reason: 'named-later' }]);
});

it('holds what may become a code for two thirds of the hold at most', () => {
  const call = new LiveCall();
  call.say('caller', 'Seven three nine.');
  expect(textsOf(call.quiet(19_000))).toEqual([]);
  expect(textsOf(call.quiet(2_000))).toEqual(['Seven three nine.']);
});

it('tells of a number while it is being said, and of its end once', () => {
  const call = new LiveCall();
  call.say('callee', 'Which card number shall we use?');
  const first = call.say('caller', 'four one one one');
  const told = first.flatMap(({ redactions }) => redactions);
  expect(told).toMatchObject([{ kind: 'card', side: 'caller' }]);
  const rest = [
    ...call.say('caller', 'one one one one'),
    ...call.say('caller', 'one one one one'),
    ...call.quiet(20_000),
  ];
  const grown = rest.flatMap(({ redactions }) => redactions);
  expect(grown).toMatchObject([{ row: told[0]?.row, startMs: told[0]?.startMs }]);
  expect(grown[0]?.endMs).toBeGreaterThan(told[0]!.endMs + 3000);
});

it('masks a number that waited for all of the hold for what the other side said', () => {
  const call = new LiveCall();
  const heard = {
    callId: 'call',
    side: 'caller',
    segmentId: 'alone',
    startMs: 1000,
    endMs: 2200,
    confidence: 0.9,
  } as const;
  const words = 'seven three nine'.split(' ').map((text, index) => {
    return { text, startMs: 1000 + index * 400, endMs: 1380 + index * 400, confidence: 0.9 };
  });
  const outputs = [
    call.redactor.heard({ ...heard, type: 'final', text: 'seven three nine', words, language: 'en' }),
    call.redactor.heard({ type: 'progress', callId: 'call', side: 'caller', decidedMs: 40_000, heardMs: 40_000 }),
  ];
  expect(textsOf(outputs)).toEqual(['[DIGITS]']);
  expect(isSilent(silenceOf(outputs), 1000, 2200)).toBe(true);
});

it('takes sound that was dropped for digits that may have been said', () => {
  const asked = new LiveCall();
  asked.say('callee', 'What is your card number?');
  const outputs = [...asked.drop(90_000), ...asked.say('caller', 'three nine'), ...asked.end()];
  expect(textsOf(outputs)).not.toContain('three nine');
  const unasked = new LiveCall();
  unasked.say('callee', 'Good morning, how can I help you?');
  const rest = [...unasked.drop(6000), ...unasked.say('caller', 'four seven three nine'), ...unasked.end()];
  expect(textsOf(rest)).not.toContain('four seven three nine');
});
