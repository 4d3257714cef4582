import { describe, expect, test } from 'vitest';
import type { StreamReport } from '#media/types.ts';
import type { Party, PartySide } from '#sip/types.ts';
import type { AssuranceReason, AssuranceVerdict, Call } from '../types.ts';
import { copiedCall, wholeStream } from '../testing/samples.ts';
import { assure, type AssuranceInput } from './verdict.ts';

const endMs = 60_000;
const whole: StreamReport = { ...wholeStream, packets: 3000, endSample: endMs * 8, quietSamples: 200_000 };
const nothing: StreamReport = { ...whole, packets: 0, firstSample: null, endSample: null, quietSamples: 0 };
const party = (side: PartySide, joinedMs = 0, leftMs: number | null = null): Party => ({
  partyId: `${side} ${joinedMs}`,
  side,
  uri: null,
  displayName: null,
  role: 'unknown',
  joinedMs,
  leftMs,
});
const call: Call = {
  ...copiedCall,
  parties: [party('caller'), party('callee')],
  streams: { caller: whole, callee: whole },
};
const input: AssuranceInput = {
  call,
  endMs,
  channels: new Map([
    ['caller', 0],
    ['callee', 0],
  ]),
  holds: [],
  isPaused: false,
  silences: [],
  recording: { path: 'recordings/call.wav', failure: null },
  dropped: false,
  unrecognised: false,
};
const verdictOf = (change: Partial<Call>, more: Partial<AssuranceInput> = {}): string => {
  const { verdict, reason } = assure({ ...input, ...more, call: { ...call, ...change } });
  return `${verdict}: ${reason}`;
};
const callee = (change: Partial<StreamReport>): Partial<Call> => ({
  streams: { caller: whole, callee: { ...whole, ...change } },
});

test('all there', () => {
  expect(assure(input)).toEqual({
    verdict: 'complete',
    reason: 'all-there',
    streams: (['caller', 'callee'] as const).map((side) => {
      return { side, expectedMs: 60_000, heardMs: 60_000, silentMs: 25_000, verdict: 'complete', reason: 'all-there' };
    }),
  });
});

const pause = (fromMs: number, toMs: number | null) => ({ fromMs, toMs, by: 'ann' });
test.each<[AssuranceVerdict, AssuranceReason, Partial<Call>, Partial<AssuranceInput>?]>([
  ['excluded', 'record-none', { record: 'none' }],
  ['excluded', 'not-answered', { answeredAt: null, answeredMs: null }],
  ['excluded', 'paused-throughout', { pauses: [pause(0, null)] }],
  ['excluded', 'paused-throughout', { mediaStartedAt: null, streams: null }, { isPaused: true }],
  ['missing', 'nothing-came', { mediaStartedAt: null, streams: null }],
  ['missing', 'nothing-came', { streams: { caller: nothing, callee: nothing } }],
  ['missing', 'nothing-decoded', { streams: { caller: { ...nothing, packets: 900 }, callee: nothing } }],
  ['missing', 'recording-failed', {}, { recording: null }],
  ['missing', 'recording-failed', {}, { recording: { path: null, failure: 'disk-full' } }],
  ['partial', 'recording-failed', {}, { recording: { path: 'a.wav', failure: 'disk-full' } }],
  ['partial', 'stream-never-came', { streams: { caller: whole } }],
  ['partial', 'stream-never-came', { streams: { caller: whole, callee: nothing } }],
  ['partial', 'nothing-decoded', { streams: { caller: whole, callee: { ...nothing, packets: 900 } } }],
  ['partial', 'stream-not-taken', { notes: [{ atMs: 0, note: 'stream-not-taken', detail: 'codec' }] }],
  ['partial', 'stream-silent', callee({ quietSamples: endMs * 8 - 800 })],
  ['partial', 'stream-began-late', callee({ firstSample: 2_100 * 8, filledSamples: 2_100 * 8 })],
  ['partial', 'stream-ended-early', callee({ endSample: (endMs - 2_100) * 8 })],
  ['partial', 'stream-gaps', {}, { silences: [{ side: 'callee', startMs: 20_000, endMs: 30_000 }] }],
  ['partial', 'packets-lost', callee({ packets: 2_840, lostPackets: 160 })],
  ['partial', 'audio-dropped', {}, { dropped: true }],
  ['partial', 'audio-dropped', { streams: null }],
  [
    'partial',
    'audio-dropped',
    {
      streams: { caller: nothing, callee: nothing },
      termination: { result: 'failed', reason: 'media-failed', sipStatus: null },
    },
  ],
  ['partial', 'not-recognised', {}, { unrecognised: true }],
])('%s: %s', (verdict, reason, change, more) => {
  expect(verdictOf(change, more)).toBe(`${verdict}: ${reason}`);
});

describe('is complete all the same', () => {
  test.each<[string, Partial<Call>, Partial<AssuranceInput>?]>([
    ['where it began and ended within two seconds', callee({ firstSample: 1_900 * 8, endSample: (endMs - 1_900) * 8 })],
    ['where one in twenty packets was lost', callee({ packets: 2_850, lostPackets: 150 })],
    ['where a few words were said', callee({ quietSamples: endMs * 8 * 0.97 })],
    ['where silence was left out', callee({ gaps: 40, filledSamples: 200_000, quietSamples: 10_000 })],
    [
      'where it was late by the time on hold, or paused',
      { ...callee({ firstSample: 20_000 * 8, filledSamples: 20_000 * 8 }), pauses: [pause(0, 10_000)] },
      { holds: [{ startMs: 10_000, endMs: 19_000 }] },
    ],
    [
      'where it fell silent while on hold',
      {},
      {
        silences: [{ side: 'callee', startMs: 20_000, endMs: 30_000 }],
        holds: [{ startMs: 15_000, endMs: 30_000 }],
      },
    ],
    [
      'where its party came late and left early',
      {
        ...callee({ firstSample: 20_000 * 8, endSample: 40_000 * 8, quietSamples: 0 }),
        parties: [party('caller'), party('callee', 20_000, 40_000)],
      },
    ],
    [
      'where one party took over from another',
      { parties: [party('caller'), party('callee', 0, 20_000), party('callee', 20_000)] },
    ],
    ['where all are on one stream', { streams: { mixed: whole } }, { channels: new Map([['mixed', 0]]) }],
    [
      'where it was over before anybody could speak',
      { ...callee({ firstSample: null, endSample: null }), answeredMs: endMs - 1_000 },
    ],
    [
      'where a third came late',
      { streams: { caller: whole, callee: whole, other: { ...whole, firstSample: 30_000 * 8 } } },
      {
        channels: new Map([
          ['caller', 0],
          ['callee', 0],
          ['other', 30_000],
        ]),
      },
    ],
  ])('%s', (_, change, more) => {
    expect(verdictOf(change, more)).toBe('complete: all-there');
  });
});

test('figures of a stream leave out what was not expected, and what did not come', () => {
  // Answered at 10 s, on hold 20-30 s; the callee's stream begins at 12 s, has holes of 3 s, ends at 50 s.
  const late = {
    firstSample: 12_000 * 8,
    endSample: 50_000 * 8,
    filledSamples: (12_000 + 10_000 + 3_000 + 10_000) * 8,
    quietSamples: 0,
  };
  const assured = assure({
    ...input,
    call: { ...call, ...callee(late), answeredMs: 10_000 },
    holds: [{ startMs: 20_000, endMs: 30_000 }],
  });
  expect(assured.streams[1]).toMatchObject({ expectedMs: 40_000, heardMs: 25_000, reason: 'stream-ended-early' });
});

test('the whole is as bad as the worst of its streams', () => {
  const streams = { caller: { ...whole, lostPackets: 900 }, callee: nothing };
  const { reason, streams: each } = assure({ ...input, dropped: true, call: { ...call, streams } });
  expect(reason).toBe('stream-never-came');
  expect(each.map((stream) => `${stream.side} ${stream.verdict} ${stream.reason}`)).toEqual([
    'caller partial packets-lost',
    'callee missing stream-never-came',
  ]);
});
