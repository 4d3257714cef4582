import { expect, test } from 'vitest';
import { copiedCall } from '../testing/samples.ts';
import type { CallMetrics, Utterance } from '../types.ts';
import { remeasured } from './remeasure.ts';

test('figures of those who share a stream follow their words too', () => {
  const said = (label: string, text: string, sentiment: number): Utterance => ({
    utteranceId: label,
    callId: 'call',
    side: 'mixed',
    partyId: null,
    speaker: `Speaker ${label}`,
    startMs: 0,
    endMs: 2000,
    text,
    words: text.split(' ').map((word) => ({ text: word, startMs: 0, endMs: 100, confidence: 1 })),
    confidence: 1,
    language: 'en',
    sentiment,
    revision: 2,
    voice: { label, overlaps: false, unnamed: `Speaker ${label}`, match: null },
  });
  const sentiment = { meanOfQuarters: null, meanOfUtterances: null, quarters: [null, null, null, null] };
  const before = (label: string) =>
    ({ side: 'mixed', label, talkMs: 2000, talkSpeedWpm: 30, interruptions: 1, sentiment }) as const;
  const metrics: CallMetrics = {
    callId: 'call',
    durationMs: 60_000,
    talkMs: { mixed: 4000 },
    talkSpeedWpm: { mixed: 30 },
    overtalkMs: 0,
    nonTalkMs: 0,
    holdMs: 0,
    interruptions: { mixed: 0 },
    interruptionThresholdMs: 500,
    sentiment: { mixed: sentiment },
    speakers: [before('1'), before('2')],
  };
  const utterances = [said('1', 'four words and more', 1), said('2', 'two words', -2)];
  const stored = { call: copiedCall, metrics, utterances, findings: [], redactions: [], earlier: [] };
  expect(remeasured(stored)?.speakers).toMatchObject([
    { label: '1', talkMs: 2000, talkSpeedWpm: 120, interruptions: 1, sentiment: { meanOfUtterances: 1 } },
    { label: '2', talkMs: 2000, talkSpeedWpm: 60, interruptions: 1, sentiment: { meanOfUtterances: -2 } },
  ]);
});
