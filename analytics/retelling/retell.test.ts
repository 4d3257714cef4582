import { expect, test } from 'vitest';
import type { ChannelSide } from '#sip/types.ts';
import { computeCallMetrics } from '../metrics/call-metrics.ts';
import { parseRules } from '../rules/schema.ts';
import { copiedCall } from '../testing/samples.ts';
import type { StoredCall, Utterance } from '../types.ts';
import { retell, type Proposal } from './retell.ts';
import { typedWords } from './typed-words.ts';

const { callId } = copiedCall;
const rules = parseRules(
  `rules:
  - {id: refund, title: Refund, severity: low, said: ["refund"]}
  - {id: digits, title: Digits, severity: low, said: ["four one"]}`,
  'test',
);
const utterance = (side: ChannelSide, startMs: number, text: string): Utterance => {
  const words = text.split(' ').map((word, index) => {
    return { text: word, startMs: startMs + index * 300, endMs: startMs + index * 300 + 280, confidence: 0.9 };
  });
  const endMs = words.at(-1)?.endMs ?? startMs;
  const who = { callId, side, partyId: null, speaker: side, confidence: 0.9, language: 'en', sentiment: 0 };
  return { utteranceId: `${side} ${startMs}`, ...who, startMs, endMs, text, words, revision: 1 };
};
function storedOf(...utterances: readonly Utterance[]): StoredCall {
  const metrics = computeCallMetrics({
    callId,
    sides: ['caller', 'callee'],
    window: { startMs: 0, endMs: 60_000 },
    speech: [],
    holds: [],
    pauses: [],
    interruptionThresholdMs: 500,
  });
  return { call: copiedCall, metrics, utterances, findings: [], redactions: [], earlier: [] };
}
const at = '2026-01-02T00:00:00.000Z';
const settings = { rules, holdMs: 30_000, textBy: 'person', at } as const;
function typed(stored: StoredCall, utteranceId: string, text: string): ReadonlyMap<string, Proposal> {
  const old = stored.utterances.find((each) => each.utteranceId === utteranceId);
  if (old === undefined) throw new Error(utteranceId);
  return new Map([[utteranceId, { words: typedWords(old, text).words, confidence: 0.9, language: 'en' }]]);
}
const texts = ({ utterances }: StoredCall): readonly string[] => utterances.map(({ text }) => text);

test('a new text is the next revision, the first is kept, and findings and figures follow', async () => {
  const stored = storedOf(
    utterance('caller', 1_000, 'I want a ree fund and I am happy'),
    utterance('callee', 9_000, 'of course'),
  );
  const {
    stored: after,
    silence,
    changed,
  } = await retell(stored, typed(stored, 'caller 1000', 'I want a refund and I am furious'), settings);
  expect(changed).toEqual(['caller 1000']);
  expect(silence).toEqual([]);
  expect(after.utterances[0]).toMatchObject({ revision: 2, textBy: 'person' });
  expect(after.utterances[0]?.sentiment).toBeLessThan(0);
  expect(after.utterances[1]).toBe(stored.utterances[1]);
  const { text, words, confidence, language } = stored.utterances[0] ?? utterance('caller', 0, '');
  expect(after.earlier).toEqual([
    { utteranceId: 'caller 1000', callId, text, words, confidence, language, revision: 1, replacedAt: at },
  ]);
  expect(after.findings).toMatchObject([{ ruleId: 'refund', utteranceIds: ['caller 1000'] }]);
  expect(after.metrics?.talkSpeedWpm.caller).toBeGreaterThan(0);
  expect(after.metrics?.sentiment.caller?.meanOfUtterances).toBe(after.utterances[0]?.sentiment);
});

test('a text as it was changes nothing', async () => {
  const stored = storedOf(utterance('caller', 1_000, 'hello there'));
  const { stored: after, changed } = await retell(stored, typed(stored, 'caller 1000', 'hello there'), settings);
  expect(changed).toEqual([]);
  expect(after.utterances).toEqual(stored.utterances);
  expect(after.earlier).toEqual([]);
});

test('a card number that is typed is masked, and so is what stood there before', async () => {
  const stored = storedOf(
    utterance('callee', 1_000, 'what is your card number'),
    utterance('caller', 4_000, 'it is fur won wan wander won okay'),
  );
  const { stored: after, silence } = await retell(
    stored,
    typed(stored, 'caller 4000', 'it is 4111 1111 1111 1111 okay'),
    settings,
  );
  expect(texts(after)[1]).toBe('it is [CARD] okay');
  expect(after.earlier.map((each) => each.text)).toEqual(['[CARD]']);
  expect(after.redactions).toMatchObject([{ kind: 'card', side: 'caller', reason: 'late' }]);
  const [range] = silence;
  expect(range?.startMs).toBeLessThanOrEqual(4_000);
  expect(range?.endMs).toBeGreaterThan(6_200);
  expect(JSON.stringify(after)).not.toMatch(/4111|wander/);
});

test('a context that was not understood masks what stands in clear elsewhere; nothing else is touched', async () => {
  const stored = storedOf(
    utterance('callee', 1_000, 'and the little goat please'),
    utterance('caller', 4_000, 'sure that would be three two one I think'),
    utterance(
      'callee',
      8_000,
      'thank you that has gone through and you will have the parcel on your doorstep by the weekend',
    ),
    utterance('caller', 240_000, 'there are two of us and four children'),
  );
  const { stored: after, changed } = await retell(
    stored,
    typed(stored, 'callee 1000', 'and the security code please'),
    settings,
  );
  expect(changed).toEqual(['callee 1000']);
  expect(texts(after)[1]).toMatch(/^sure that would be \[DIGITS\]/);
  expect(after.utterances[1]).toMatchObject({ revision: 2 });
  expect(after.utterances[1]?.textBy).toBeUndefined();
  expect(after.utterances.slice(2)).toEqual(stored.utterances.slice(2));
});

test('what is masked stays, and words beside it stay in clear', async () => {
  const stored = storedOf(
    utterance('callee', 1_000, 'the card number please'),
    utterance('caller', 4_000, 'it is [CARD] and there are for of us hear'),
  );
  const { stored: after, silence } = await retell(
    stored,
    typed(stored, 'caller 4000', 'it is [CARD] and there are for of us here'),
    settings,
  );
  expect(texts(after)[1]).toBe('it is [CARD] and there are for of us here');
  expect(silence).toEqual([]);
});
