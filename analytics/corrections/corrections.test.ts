import { expect, test } from 'vitest';
import { computeCallMetrics } from '../metrics/call-metrics.ts';
import { RuleEvaluator } from '../rules/evaluator.ts';
import { parseRules } from '../rules/schema.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { CallArchive, CallCorrection, Finding, StoredCall, Utterance } from '../types.ts';
import { copiedCall } from '../testing/samples.ts';
import { createCorrections } from './corrections.ts';

const { callId } = copiedCall;
const endMs = 60_000;
const rules = parseRules(
  `rules:
  - {id: refund, title: Refund, severity: low, side: caller, said: ["refund"]}
  - {id: promise, title: Promise, severity: low, side: callee, said: ["i promise"]}
  - {id: greeting, title: Greeting, severity: low, said: ["good morning"]}
  - {id: notice, title: Notice, severity: high, side: callee, missing: ["recorded"], withinS: 10}`,
  'test',
);
const utterance = (side: ChannelSide, startMs: number, text: string, revision = 1): Utterance => {
  const words = text.split(' ').map((word, index) => {
    return { text: word, startMs: startMs + index * 300, endMs: startMs + index * 300 + 280, confidence: 0.9 };
  });
  return {
    utteranceId: `${side} ${startMs}`,
    callId,
    side,
    partyId: side === 'caller' ? 'p1' : 'p2',
    speaker: side === 'caller' ? 'caller' : 'Bob',
    startMs,
    endMs: words.at(-1)?.endMs ?? startMs,
    text,
    words,
    confidence: 0.9,
    language: 'en',
    sentiment: side === 'caller' ? 2 : -1,
    revision,
  };
};
const utterances = [
  utterance('callee', 1_000, 'good morning how can I help'),
  utterance('caller', 4_000, 'I promise you this is about a refund'),
  utterance('caller', 20_000, 'the number was [CARD]', 2),
  utterance('callee', 30_000, 'that call was recorded'),
];
const system = (ruleId: string, change: Partial<Finding>): Finding => ({
  findingId: ruleId,
  callId,
  ruleId,
  title: ruleId,
  severity: 'medium',
  kind: 'system',
  side: 'caller',
  startMs: 20_000,
  endMs: 21_000,
  evidence: '',
  utteranceIds: [],
  ...change,
});
const party = { uri: null, role: 'unknown', joinedMs: 0, leftMs: null } as const;
const judged = new RuleEvaluator(callId, rules);
judged.answered(0);
const speech = utterances.map((each) => ({ ...each, words: each.words.length }));
const stored: StoredCall = {
  call: {
    ...copiedCall,
    parties: [
      { ...party, partyId: 'p1', side: 'caller', displayName: null },
      { ...party, partyId: 'p2', side: 'callee', displayName: 'Bob' },
      { ...party, partyId: 'p3', side: 'other', displayName: null },
    ],
    completeness: 'partial',
    assurance: {
      verdict: 'partial',
      reason: 'stream-silent',
      streams: [
        { side: 'caller', expectedMs: 1, heardMs: 1, silentMs: 1, verdict: 'partial', reason: 'stream-silent' },
        { side: 'callee', expectedMs: 1, heardMs: 1, silentMs: 0, verdict: 'complete', reason: 'all-there' },
      ],
    },
    pauses: [{ fromMs: 1, toMs: 2, by: 'caller' }],
    notes: [{ atMs: 0, note: 'stream-silent', detail: 'caller' }],
  },
  metrics: computeCallMetrics({
    callId,
    sides: ['caller', 'callee', 'other'],
    window: { startMs: 0, endMs },
    speech,
    holds: [],
    pauses: [],
    interruptionThresholdMs: 500,
  }),
  utterances,
  findings: [
    ...utterances.flatMap((each) => judged.utterance(each)),
    ...judged.ended(endMs),
    system('late-redaction', { utteranceIds: ['caller 20000'] }),
    system('stream-silent', { side: 'callee', startMs: 0 }),
    // Found in words that have been redacted since; by a rule that is gone.
    system('greeting', { findingId: 'faded', kind: 'said', title: 'Greeting', severity: 'low' }),
    system('refund', { findingId: 'faded refund', kind: 'said', title: 'Refund', severity: 'low' }),
    system('old-rule', { kind: 'said', evidence: 'words', side: 'callee' }),
  ],
  redactions: [
    { redactionId: 'r', callId, kind: 'card', side: 'caller', startMs: 20_600, endMs: 21_000, reason: 'late' },
    { redactionId: 'o', callId, kind: 'unheard', side: 'other', startMs: 0, endMs: 1, reason: 'not-recognised' },
  ],
  earlier: [],
};

const emptyRecording = {
  path: 'a.wav',
  peaksPath: null,
  samples: 480_000,
  bytes: 960_044,
  sha256: null,
  silenced: [],
  unredacted: [],
  failure: null,
};

/** An archive of one call, in memory. */
function house(kept: StoredCall | undefined, isLive = false) {
  let now = kept;
  const archive: CallArchive = {
    load: () => Promise.resolve(now),
    replace: (before, after) => {
      expect(before).toBe(now);
      now = after;
      return Promise.resolve();
    },
  };
  const silenced: unknown[] = [];
  const corrections = createCorrections({
    rules,
    archive,
    holdMs: 30_000,
    clock: { nowMs: () => 0, nowEpochMs: () => 0 },
    store: { write: (op) => silenced.push(op) },
    recording: {
      redactLate: (id, ranges) => {
        silenced.push(id);
        return Promise.resolve({ ...emptyRecording, silenced: ranges });
      },
    },
    isLive: () => isLive,
  });
  const correct = (change: Partial<CallCorrection>): Promise<StoredCall> =>
    corrections.correct(callId, { swapSides: false, roles: {}, ...change });
  const correctText = (utteranceId: string, text: string) => corrections.correctText(callId, utteranceId, text);
  return { correct, correctText, now: () => now, silenced };
}
const ruleIds = ({ findings }: StoredCall): string[] => findings.map(({ ruleId, side }) => `${ruleId} ${side}`).sort();

test('swapped, a rule of one side finds what that side said after all, and no more what the other did', async () => {
  expect(ruleIds(stored)).toEqual([
    'greeting callee',
    'greeting caller',
    'late-redaction caller',
    'notice callee',
    'old-rule callee',
    'refund caller',
    'refund caller',
    'stream-silent callee',
  ]);
  const { correct, now } = house(stored);
  const after = await correct({ swapSides: true });
  expect(now()).toBe(after);
  expect(ruleIds(after)).toEqual([
    'greeting callee',
    'greeting caller',
    'late-redaction callee',
    'notice callee',
    'old-rule caller',
    'promise callee',
    'stream-silent caller',
  ]);
  const greeting = (call: StoredCall) => call.findings.find(({ evidence }) => evidence === 'good morning');
  expect(greeting(after)).toEqual({ ...greeting(stored), side: 'caller' });
});

test('each party goes over with all that it said, and every figure with it', async () => {
  const { call, utterances: said, redactions, metrics } = await house(stored).correct({ swapSides: true });
  expect(call.parties.map(({ partyId, side }) => `${partyId} ${side}`)).toEqual(['p1 callee', 'p2 caller', 'p3 other']);
  expect(said.map(({ side, partyId, speaker }) => `${side} ${partyId} ${speaker}`)).toEqual([
    'caller p2 Bob',
    'callee p1 callee',
    'callee p1 callee',
    'caller p2 Bob',
  ]);
  expect(redactions.map(({ side }) => side)).toEqual(['callee', 'other']);
  expect(call.sidesSwapped).toBe(true);
  expect(call.assurance?.streams.map(({ side }) => side)).toEqual(['callee', 'caller']);
  expect(call.notes[0]).toMatchObject({ note: 'stream-silent', detail: 'callee' });
  // The exact exchange is what the rows give when they are computed anew.
  const again = computeCallMetrics({
    callId,
    sides: ['caller', 'callee', 'other'],
    window: { startMs: 0, endMs },
    speech: said.map((each) => ({ ...each, words: each.words.length })),
    holds: [],
    pauses: [],
    interruptionThresholdMs: 500,
  });
  expect(metrics).toEqual(again);
  expect(metrics?.talkMs.caller).toBe(stored.metrics?.talkMs.callee);
});

test('swapped twice it is the same call again', async () => {
  const { correct } = house(stored);
  await correct({ swapSides: true });
  const twice = await correct({ swapSides: true });
  const { notes, ...call } = twice.call;
  expect({ ...twice, call: { ...call, notes: notes.slice(0, 1) }, findings: [] }).toEqual({ ...stored, findings: [] });
  expect(notes.slice(1).map(({ note }) => note)).toEqual(['sides-swapped', 'sides-swapped']);
  // What only the wrong way round had let go is not found again: its words have been redacted.
  const lasting = stored.findings.filter(({ findingId }) => findingId !== 'faded refund');
  const withoutIds = (findings: readonly Finding[]) => findings.map((finding) => ({ ...finding, findingId: '' }));
  expect(withoutIds(twice.findings)).toEqual(expect.arrayContaining(withoutIds(lasting)));
  expect(twice.findings).toHaveLength(lasting.length);
});

test('roles change by party, and nothing else with them', async () => {
  const after = await house(stored).correct({ roles: { p1: 'agent', p3: 'customer' } });
  expect(after.call.parties.map(({ role }) => role)).toEqual(['agent', 'unknown', 'customer']);
  expect(after.call.notes.at(-1)?.note).toBe('roles-changed');
  expect({ ...after, call: {} }).toEqual({ ...stored, call: {} });
  expect(after.call.sidesSwapped).toBe(false);
});

test('other words for one utterance: the first are kept, the call says that somebody did it', async () => {
  const { correctText, now, silenced } = house(stored);
  const after = await correctText('caller 4000', 'I promise you this is about an invoice');
  expect(after).toMatchObject({ text: 'I promise you this is about an invoice', revision: 2, textBy: 'person' });
  expect(now()?.earlier).toMatchObject([{ text: 'I promise you this is about a refund', revision: 1 }]);
  expect(now()?.call.notes.at(-1)).toMatchObject({ atMs: 4_000, note: 'text-corrected' });
  expect(now()?.findings.some(({ ruleId, startMs }) => ruleId === 'refund' && startMs < 20_000)).toBe(false);
  expect(silenced).toEqual([]);
});

test('what a corrected text gives away is silenced in the recording', async () => {
  const { correctText, now, silenced } = house(stored);
  await correctText('caller 4000', 'I promise you my card number is 4111 1111 1111 1111');
  expect(now()?.utterances[1]?.text).toBe('I promise you my card number is [CARD]');
  expect(silenced).toMatchObject([callId, { op: 'recording', recording: { silenced: [{}] } }]);
});

test('a person says who it is that is told apart, before and after what a voiceprint says', async () => {
  const match = { speakerId: 's', probability: 0.98 };
  const shared = (label: string): Utterance => ({
    ...(stored.utterances[0] as Utterance),
    utteranceId: `shared ${label}`,
    side: 'mixed',
    speaker: label === '1' ? 'Anna' : `Speaker ${label}`,
    voice: { label, overlaps: false, unnamed: `Speaker ${label}`, match: label === '1' ? match : null },
  });
  const mixed = { ...stored, utterances: [shared('1'), shared('2')] };
  const { correct } = house(mixed);
  const speakers = [
    { side: 'mixed', label: '1', name: null },
    { side: 'mixed', label: '2', name: 'Bea' },
  ] as const;
  const after = await correct({ speakers });
  expect(after.utterances.map(({ speaker, voice }) => [speaker, voice?.match])).toEqual([
    ['Speaker 1', null],
    ['Bea', null],
  ]);
  expect(after.call.notes.at(-1)?.note).toBe('speakers-named');
  const nobody = { speakers: [{ side: 'mixed', label: '3', name: 'Cid' }] } as const;
  await expect(correct(nobody)).rejects.toMatchObject({ code: 'bad-request' });
});

test('says why it cannot be put right', async () => {
  const swap = { swapSides: true };
  await expect(house(undefined).correct(swap)).rejects.toMatchObject({ code: 'not-found' });
  await expect(house(stored, true).correct(swap)).rejects.toMatchObject({ code: 'conflict' });
  const running: StoredCall = { ...stored, call: { ...stored.call, state: 'active' } };
  await expect(house(running).correct(swap)).rejects.toMatchObject({ code: 'conflict' });
  await expect(house(stored).correct({})).rejects.toMatchObject({ code: 'bad-request' });
  await expect(house(stored).correct({ roles: { p9: 'agent' } })).rejects.toMatchObject({ code: 'bad-request' });
  const parties = stored.call.parties.map((each) => ({ ...each, side: 'mixed' as const }));
  const mixed: StoredCall = { ...stored, utterances: [], call: { ...stored.call, parties, streams: null } };
  await expect(house(mixed).correct(swap)).rejects.toMatchObject({ code: 'bad-request' });
});
