import { expect, test } from 'vitest';
import { exampleRow, exampleUtterance, refundCall } from '#test/dashboards/example-call.ts';
import { contactLens, transcribe } from '../api/schemas/amazon.ts';
import { toContactLens, toTranscribe, type WholeCall } from './amazon.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const call: WholeCall = refundCall(callId, Date.parse('2026-11-20T10:00:00Z'));
const offsets = (BeginOffsetMillis: number, EndOffsetMillis: number) => ({ BeginOffsetMillis, EndOffsetMillis });

test('Contact Lens: the published shape and nothing else, with ids, offsets, labels and what was redacted', () => {
  const written = contactLens.parse(toContactLens(call));
  expect(written.Participants).toEqual([
    { ParticipantId: 'CUSTOMER', ParticipantRole: 'CUSTOMER' },
    { ParticipantId: 'AGENT', ParticipantRole: 'AGENT' },
  ]);
  expect(written.Transcript).toHaveLength(10);
  expect(written.Transcript[0]).toEqual({
    ...offsets(900, 3600),
    Id: `${callId}-u000`,
    ParticipantId: 'AGENT',
    Content: 'Good morning, this is Anna from Northwind, how can I help you?',
    Sentiment: 'POSITIVE',
  });
  expect(written.Transcript[6]).toEqual({
    ...offsets(24_300, 31_200),
    Id: `${callId}-u006`,
    ParticipantId: 'CUSTOMER',
    Content: 'Yes, it is [CREDIT_DEBIT_NUMBER] and the code is [CREDIT_DEBIT_CVV] thank you.',
    Sentiment: 'POSITIVE',
    Redaction: { RedactedTimestamps: [offsets(24_900, 28_800), offsets(29_300, 30_700)] },
  });
  expect(written.Transcript.map((turn) => turn.Sentiment).slice(1, 6)).toEqual([
    'NEGATIVE',
    'NEGATIVE',
    'NEGATIVE',
    'POSITIVE',
    'NEUTRAL',
  ]);
  expect(written.Categories).toEqual({
    MatchedCategories: ['refund-asked', 'recording-notice'],
    MatchedDetails: {
      'refund-asked': { PointsOfInterest: [offsets(12_900, 16_400)] },
      'recording-notice': { PointsOfInterest: [offsets(400, 30_400)] },
    },
  });
});

test('figures of the conversation: those of the metrics, by role', () => {
  const { ConversationCharacteristics: lens } = contactLens.parse(toContactLens(call));
  expect(lens).toMatchObject({
    TotalConversationDurationMillis: 44_600,
    TalkTime: {
      TotalTimeMillis: 35_100,
      DetailsByParticipant: { CUSTOMER: { TotalTimeMillis: 17_800 }, AGENT: { TotalTimeMillis: 17_300 } },
    },
    TalkSpeed: { DetailsByParticipant: { CUSTOMER: { AverageWordsPerMinute: 168 } } },
    NonTalkTime: { TotalTimeMillis: 8200 },
  });
  expect(lens.Sentiment.OverallSentiment).toEqual({ CUSTOMER: -0.6, AGENT: 1.4 });
  // Of the customer's last word, 40.2 s.
  expect(lens.Sentiment.SentimentByPeriod.QUARTER.CUSTOMER).toEqual([
    { ...offsets(0, 10_050), Score: -3.2 },
    { ...offsets(10_050, 20_100), Score: -3.6 },
    { ...offsets(20_100, 30_150), Score: 0.8 },
    { ...offsets(30_150, 40_200), Score: 3.9 },
  ]);
  const { ConversationCharacteristics: analytics } = transcribe.parse(toTranscribe(call));
  expect(analytics.Sentiment.OverallSentiment).toEqual({ CUSTOMER: -0.5, AGENT: 1.3 });
});

test('those who share a stream are participants of their own; who is known by an enrolled voice is the agent', () => {
  const voice = (label: string, isKnown: boolean) => ({
    label,
    overlaps: false,
    unnamed: `Speaker ${label}`,
    match: isKnown ? { speakerId: 's', probability: 0.99 } : null,
  });
  const say = (index: number, label: string, startMs: number) => ({
    ...exampleUtterance(callId, index, ['caller', startMs, startMs + 2000, 'so it goes', 0]),
    side: 'mixed' as const,
    voice: voice(label, label === '2'),
  });
  const sentiment = { meanOfQuarters: 1, meanOfUtterances: 1, quarters: [1, null, null, null] };
  const of = (label: string, talkMs: number) =>
    ({ side: 'mixed', label, talkMs, talkSpeedWpm: 120, interruptions: 0, sentiment }) as const;
  const metrics = {
    ...(call.metrics as NonNullable<WholeCall['metrics']>),
    talkMs: { mixed: 6000 },
    talkSpeedWpm: { mixed: 120 },
    sentiment: { mixed: sentiment },
    speakers: [of('1', 4000), of('2', 2000)],
  };
  const mixed: WholeCall = { ...call, metrics, utterances: [say(0, '1', 1000), say(1, '2', 4000), say(2, '1', 7000)] };
  const lens = contactLens.parse(toContactLens(mixed));
  expect(lens.Participants).toEqual([
    { ParticipantId: 'SPEAKER_1', ParticipantRole: 'CUSTOMER' },
    { ParticipantId: 'SPEAKER_2', ParticipantRole: 'AGENT' },
  ]);
  expect(lens.Transcript.map((turn) => turn.ParticipantId)).toEqual(['SPEAKER_1', 'SPEAKER_2', 'SPEAKER_1']);
  expect(lens.ConversationCharacteristics.TalkTime.DetailsByParticipant).toEqual({
    SPEAKER_1: { TotalTimeMillis: 4000 },
    SPEAKER_2: { TotalTimeMillis: 2000 },
  });
  const analytics = transcribe.parse(toTranscribe(mixed));
  expect(analytics.Transcript.map((turn) => turn.ParticipantRole)).toEqual(['CUSTOMER', 'AGENT', 'CUSTOMER']);
  expect(analytics.ConversationCharacteristics.TalkTime.DetailsByParticipant).toEqual({
    CUSTOMER: { TotalTimeMillis: 4000 },
    AGENT: { TotalTimeMillis: 2000 },
  });
});

test('interruptions and silence have their instances', () => {
  const say = (index: number, side: 'caller' | 'callee', startMs: number, endMs: number) =>
    exampleUtterance(callId, index, [side, startMs, endMs, 'so it goes', 0]);
  const utterances = [
    say(0, 'caller', 1000, 5000),
    say(1, 'callee', 4501, 6000),
    say(2, 'caller', 5500, 8000),
    say(3, 'callee', 11_001, 12_000),
  ];
  const metrics = { ...call.metrics, durationMs: 20_000 } as NonNullable<WholeCall['metrics']>;
  const written = toTranscribe({ ...call, utterances, metrics }).ConversationCharacteristics;
  expect(written.Interruptions).toEqual({
    TotalCount: 1,
    TotalTimeMillis: 500,
    InterruptionsByInterrupter: { CUSTOMER: [{ ...offsets(5500, 6000), DurationMillis: 500 }], AGENT: [] },
  });
  expect(written.NonTalkTime.Instances).toEqual([
    { ...offsets(8000, 11_001), DurationMillis: 3001 },
    { ...offsets(12_000, 20_400), DurationMillis: 8400 },
  ]);
});

test('Transcribe: roles on the turns, and items with times; a mask is [PII]', () => {
  const written = transcribe.parse(toTranscribe(call));
  expect(written.JobName).toBe(callId);
  const turn = written.Transcript[6];
  expect(turn).toMatchObject({
    ParticipantRole: 'CUSTOMER',
    Content: 'Yes, it is [PII] and the code is [PII] thank you.',
  });
  expect(turn?.Items[0]).toEqual({
    ...offsets(24_300, 24_907),
    Type: 'pronunciation',
    Content: 'Yes,',
    Confidence: 0.94,
  });
  expect(turn?.Items[3]?.Content).toBe('[PII]');
  expect(JSON.stringify(written)).not.toContain('[CARD]');
});

test('roles that are known turn the sides round', () => {
  const [caller, callee] = call.call.parties;
  if (caller === undefined || callee === undefined) throw new Error('two parties');
  const outbound = { ...call, call: { ...call.call, parties: [{ ...caller, role: 'agent' as const }, callee] } };
  expect(toContactLens(outbound).Transcript[0]?.ParticipantId).toBe('CUSTOMER');
});

test('a call in which nobody answered has the shape too', () => {
  const bare: WholeCall = {
    call: exampleRow(callId, 0, { answeredAt: null, answeredMs: null }),
    metrics: null,
    findings: [],
    redactions: [],
    utterances: [],
  };
  expect(contactLens.parse(toContactLens(bare)).ConversationCharacteristics).toMatchObject({
    TotalConversationDurationMillis: 0,
    Sentiment: { OverallSentiment: {}, SentimentByPeriod: { QUARTER: {} } },
    Interruptions: { TotalCount: 0 },
  });
  expect(transcribe.parse(toTranscribe(bare)).Transcript).toEqual([]);
});

test('a third party is a participant of its own in Contact Lens; Transcribe, by role, has it in the totals alone', () => {
  const utterances = [
    ...call.utterances,
    { ...exampleUtterance(callId, 10, ['caller', 43_400, 44_000, 'Goodbye', 0]), side: 'other' as const },
  ];
  const metrics = { ...call.metrics, talkMs: { ...call.metrics?.talkMs, other: 600 } } as NonNullable<
    WholeCall['metrics']
  >;
  const lens = contactLens.parse(toContactLens({ ...call, utterances, metrics }));
  expect(lens.Participants).toHaveLength(3);
  expect(lens.Participants[2]).toEqual({ ParticipantId: 'OTHER', ParticipantRole: 'CUSTOMER' });
  expect(lens.Transcript[10]?.ParticipantId).toBe('OTHER');
  expect(lens.ConversationCharacteristics.TalkTime).toMatchObject({
    TotalTimeMillis: 35_700,
    DetailsByParticipant: { OTHER: { TotalTimeMillis: 600 } },
  });
  const job = transcribe.parse(toTranscribe({ ...call, utterances, metrics }));
  expect(job.Participants.map(({ ParticipantRole }) => ParticipantRole)).toEqual(['CUSTOMER', 'AGENT', 'CUSTOMER']);
  expect(job.ConversationCharacteristics.TalkTime).toEqual({
    TotalTimeMillis: 35_700,
    DetailsByParticipant: { CUSTOMER: { TotalTimeMillis: 17_800 }, AGENT: { TotalTimeMillis: 17_300 } },
  });
});

test('one stream of everybody is one participant', () => {
  const utterances = call.utterances.map((utterance) => ({ ...utterance, side: 'mixed' as const }));
  const ofOne = <Value>(value: Value) => ({ mixed: value });
  const metrics = {
    ...call.metrics,
    talkMs: ofOne(35_100),
    talkSpeedWpm: ofOne(170),
    interruptions: ofOne(0),
    sentiment: ofOne(call.metrics?.sentiment.caller),
  } as NonNullable<WholeCall['metrics']>;
  const lens = contactLens.parse(toContactLens({ ...call, utterances, metrics }));
  expect(lens.Participants).toEqual([{ ParticipantId: 'MIXED', ParticipantRole: 'CUSTOMER' }]);
  expect(lens.ConversationCharacteristics.TalkTime.DetailsByParticipant).toEqual({
    MIXED: { TotalTimeMillis: 35_100 },
  });
  const job = transcribe.parse(toTranscribe({ ...call, utterances, metrics }));
  expect(job.Participants).toEqual([{ ParticipantRole: 'CUSTOMER' }]);
  expect(new Set(job.Transcript.map(({ ParticipantRole }) => ParticipantRole))).toEqual(new Set(['CUSTOMER']));
});
