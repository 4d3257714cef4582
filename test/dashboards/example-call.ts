import type { Call, CallMetrics, Finding, Redaction, StoreOp, Utterance } from '#analytics/types.ts';
import type { Word } from '#asr/types.ts';
import type { PartySide, TalkSide } from '#sip/types.ts';

/** A stored call, written as a script: who says what from when. Words are spread evenly over their utterance. */
export interface ExampleCall {
  readonly call: Call;
  readonly utterances: readonly Utterance[];
  readonly findings: readonly Finding[];
  readonly redactions: readonly Redaction[];
  readonly metrics: CallMetrics;
}

type Line = readonly [side: PartySide, startMs: number, endMs: number, text: string, sentiment: number];

const refundLines: readonly Line[] = [
  ['callee', 900, 3600, 'Good morning, this is Anna from Northwind, how can I help you?', 1.5],
  ['caller', 4300, 8600, 'Hello, my coffee machine arrived broken and honestly I am really upset about it.', -3.2],
  ['callee', 9300, 12100, 'Oh no, I am so sorry to hear that. Let me look at your order.', -0.6],
  ['caller', 12900, 16400, 'I want a refund, please. This is the second time and it is terrible.', -3.6],
  ['callee', 17200, 20500, 'Of course. I can send the refund to your card right away.', 1.2],
  ['callee', 21000, 23400, 'Could you read me the long number on the front?', 0],
  ['caller', 24300, 31200, 'Yes, it is [CARD] and the code is [CVV] thank you.', 0.8],
  ['callee', 32100, 36400, 'Perfect, thank you. The refund will be with you in three working days.', 2.4],
  ['caller', 37100, 40200, 'That is great, thanks for being so quick and kind.', 3.9],
  ['callee', 40900, 43300, 'You are very welcome, have a lovely day!', 3.4],
];

export function wordsOf(text: string, startMs: number, endMs: number): readonly Word[] {
  const texts = text.split(' ');
  const stepMs = (endMs - startMs) / texts.length;
  return texts.map((word, index) => ({
    text: word,
    startMs: Math.round(startMs + index * stepMs),
    endMs: Math.round(startMs + (index + 1) * stepMs - 20),
    confidence: 0.94,
  }));
}

export function exampleUtterance(
  callId: string,
  index: number,
  [side, startMs, endMs, text, sentiment]: Line,
): Utterance {
  return {
    utteranceId: `${callId}-u${String(index).padStart(3, '0')}`,
    callId,
    side,
    partyId: `${callId}-${side}`,
    speaker: side,
    startMs,
    endMs,
    text,
    words: wordsOf(text, startMs, endMs),
    confidence: 0.94,
    language: 'en',
    sentiment,
    revision: 1,
  };
}

export function exampleRow(callId: string, startedAtEpochMs: number, change: Partial<Call> = {}): Call {
  const at = (ms: number): string => new Date(startedAtEpochMs + ms).toISOString();
  return {
    callId,
    state: 'ended',
    startedAt: at(0),
    mediaStartedAt: at(3000),
    answeredAt: at(3400),
    endedAt: at(48_000),
    durationMs: 44_600,
    answeredMs: 400,
    source: 'b2bua',
    sipCallIds: [`${callId}@192.0.2.10`],
    parties: [
      party(callId, 'caller', 'sip:+15550142@192.0.2.10', 'Dana Whitfield'),
      party(callId, 'callee', 'sip:2001@192.0.2.20', null),
    ],
    headers: {},
    record: 'redacted-only',
    completeness: 'complete',
    assurance: null,
    pauses: [],
    sourceName: 'head-office',
    sidesSwapped: false,
    notes: [
      { atMs: 24_000, note: 'hold', detail: 'callee' },
      { atMs: 24_200, note: 'resume', detail: 'callee' },
    ],
    termination: { result: 'completed', reason: 'caller-hung-up', sipStatus: null },
    streams: null,
    ...change,
  };
}

function party(callId: string, side: TalkSide, uri: string, displayName: string | null): Call['parties'][number] {
  return { partyId: `${callId}-${side}`, side, uri, displayName, role: 'unknown', joinedMs: 0, leftMs: null };
}

/** A customer asks for a refund and reads a card number, which is masked. */
export function refundCall(callId: string, startedAtEpochMs: number): ExampleCall {
  const call = exampleRow(callId, startedAtEpochMs);
  return {
    call,
    utterances: refundLines.map((line, index) => exampleUtterance(callId, index, line)),
    findings: [
      {
        findingId: `${callId}-f1`,
        callId,
        ruleId: 'refund-asked',
        title: 'Refund asked for',
        severity: 'medium',
        kind: 'said',
        side: 'caller',
        startMs: 12_900,
        endMs: 16_400,
        evidence: 'I want a refund, please.',
        utteranceIds: [`${callId}-u003`],
      },
      {
        findingId: `${callId}-f2`,
        callId,
        ruleId: 'recording-notice',
        title: 'Recording notice missing',
        severity: 'high',
        kind: 'missing',
        side: 'callee',
        startMs: 400,
        endMs: 30_400,
        evidence: '',
        utteranceIds: [],
      },
    ],
    redactions: [redaction(callId, 'card', 24_900, 28_800), redaction(callId, 'cvv', 29_300, 30_700)],
    metrics: exampleMetrics(callId),
  };
}

function redaction(callId: string, kind: 'card' | 'cvv', startMs: number, endMs: number): Redaction {
  return { redactionId: `${callId}-r-${kind}`, callId, kind, side: 'caller', startMs, endMs, reason: 'card-passage' };
}

function exampleMetrics(callId: string): CallMetrics {
  return {
    callId,
    durationMs: 44_600,
    talkMs: { caller: 17_800, callee: 17_300 },
    talkSpeedWpm: { caller: 168, callee: 191 },
    overtalkMs: 640,
    nonTalkMs: 8200,
    holdMs: 200,
    interruptions: { caller: 1, callee: 0 },
    interruptionThresholdMs: 500,
    sentiment: {
      caller: { meanOfQuarters: -0.6, meanOfUtterances: -0.5, quarters: [-3.2, -3.6, 0.8, 3.9] },
      callee: { meanOfQuarters: 1.4, meanOfUtterances: 1.3, quarters: [0.5, 1.2, 0, 2.9] },
    },
  };
}

export function opsOf({ call, utterances, findings, redactions, metrics }: ExampleCall): readonly StoreOp[] {
  return [
    { op: 'call', call },
    ...utterances.map((utterance): StoreOp => ({ op: 'utterance', utterance })),
    ...findings.map((finding): StoreOp => ({ op: 'finding', finding })),
    ...redactions.map((each): StoreOp => ({ op: 'redaction', redaction: each })),
    { op: 'metrics', metrics },
  ];
}
