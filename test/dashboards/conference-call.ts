import type { Call } from '#analytics/types.ts';
import type { StreamReport } from '#media/types.ts';
import type { Party, PartySide } from '#sip/types.ts';
import { exampleRow, exampleUtterance, type ExampleCall } from './example-call.ts';

type Line = readonly [side: PartySide, startMs: number, endMs: number, text: string, sentiment: number];

const lines: readonly Line[] = [
  ['callee', 900, 3600, 'Northwind support, Anna speaking.', 0.5],
  ['caller', 4300, 8600, 'Hello, this is Dana. The pump that you sent does not start.', -2.1],
  ['callee', 9300, 12_100, 'I will get Sam from the workshop.', 0.2],
  ['other', 16_200, 20_500, 'Sam here. Is the red lamp on?', 0],
  ['caller', 21_000, 23_400, 'Yes, it is.', 0],
  ['callee', 30_300, 34_000, 'This is Bob, Anna had to go. We send you a new one.', 1.6],
  ['caller', 35_100, 38_200, 'That is great, thanks.', 3.2],
];

const report: StreamReport = {
  packets: 2210,
  lostPackets: 3,
  duplicatePackets: 0,
  latePackets: 1,
  malformedPackets: 0,
  strangerPackets: 0,
  filledSamples: 480,
  droppedSamples: 0,
  firstSample: 0,
  endSample: 356_800,
  quietSamples: 88_000,
  gaps: 0,
  jitterMeanMs: 2.4,
  jitterMaxMs: 11.2,
  farLossFraction: 0.001,
  roundTripMs: 38,
  mos: 4.3,
};

/**
 * Three sides by SIPREC: Sam joins as the third, Anna leaves and Bob takes over her side, somebody paused it for eight
 * seconds, and Sam's stream had holes.
 */
export function conferenceCall(callId: string, startedAtEpochMs: number, change: Partial<Call> = {}): ExampleCall {
  const party = (side: PartySide, displayName: string, times: Partial<Party> = {}): Party => ({
    partyId: `${callId}-${displayName}`,
    side,
    uri: `sip:${displayName.toLowerCase()}@192.0.2.30`,
    displayName,
    role: 'unknown',
    joinedMs: 0,
    leftMs: null,
    ...times,
  });
  const call = exampleRow(callId, startedAtEpochMs, {
    source: 'siprec',
    sourceName: 'edge-sbc',
    parties: [
      party('caller', 'Dana'),
      party('callee', 'Anna', { role: 'agent', leftMs: 28_000 }),
      party('callee', 'Bob', { joinedMs: 28_400 }),
      party('other', 'Sam', { joinedMs: 15_000, leftMs: 29_000 }),
    ],
    pauses: [{ fromMs: 38_500, toMs: 42_500, by: 'Priya' }],
    completeness: 'partial',
    assurance: {
      verdict: 'partial',
      reason: 'stream-gaps',
      streams: [
        {
          side: 'caller',
          expectedMs: 44_600,
          heardMs: 44_500,
          silentMs: 9000,
          verdict: 'complete',
          reason: 'all-there',
        },
        {
          side: 'callee',
          expectedMs: 44_200,
          heardMs: 44_000,
          silentMs: 8000,
          verdict: 'complete',
          reason: 'all-there',
        },
        { side: 'other', expectedMs: 14_000, heardMs: 9400, silentMs: 700, verdict: 'partial', reason: 'stream-gaps' },
      ],
    },
    streams: { caller: report, callee: { ...report, mos: 4.2 }, other: { ...report, lostPackets: 160, mos: 3.1 } },
    ...change,
  });
  return {
    call,
    utterances: lines.map(([side, ...line], index) => ({
      ...exampleUtterance(callId, index, ['caller', ...line]),
      side,
      speaker: side,
      partyId: null,
    })),
    findings: [],
    redactions: [],
    metrics: {
      callId,
      durationMs: 44_600,
      talkMs: { caller: 9800, callee: 9200, other: 4300 },
      talkSpeedWpm: { caller: 160, callee: 171, other: null },
      overtalkMs: 0,
      nonTalkMs: 6200,
      holdMs: 200,
      interruptions: { caller: 0, callee: 0, other: 1 },
      interruptionThresholdMs: 500,
      sentiment: {
        caller: { meanOfQuarters: 0.3, meanOfUtterances: 0.4, quarters: [-2.1, null, 0, 3.2] },
        callee: { meanOfQuarters: 0.8, meanOfUtterances: 0.8, quarters: [0.5, 0.2, null, 1.6] },
        other: { meanOfQuarters: 0, meanOfUtterances: 0, quarters: [0, null, null, null] },
      },
    },
  };
}
