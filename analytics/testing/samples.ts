import type { StreamReport } from '#media/types.ts';
import type { Call } from '../types.ts';

/** A stream of half a minute of which nothing is missing. */
export const wholeStream: StreamReport = {
  packets: 1500,
  lostPackets: 0,
  duplicatePackets: 0,
  latePackets: 0,
  malformedPackets: 0,
  strangerPackets: 0,
  filledSamples: 0,
  droppedSamples: 0,
  firstSample: 0,
  endSample: 240_000,
  quietSamples: 0,
  gaps: 0,
  jitterMeanMs: 0,
  jitterMaxMs: 0,
  farLossFraction: null,
  roundTripMs: null,
  mos: 4.4,
};

/** A copy of a call between two people that lasted a minute, before anything is judged. */
export const copiedCall: Call = {
  callId: 'call',
  state: 'ended',
  startedAt: '2026-01-01T12:00:00.000Z',
  mediaStartedAt: '2026-01-01T12:00:00.000Z',
  answeredAt: '2026-01-01T12:00:00.000Z',
  endedAt: '2026-01-01T12:01:00.000Z',
  durationMs: 60_000,
  answeredMs: 0,
  source: 'siprec',
  sipCallIds: [],
  parties: [],
  headers: {},
  record: 'redacted-only',
  completeness: 'pending',
  assurance: null,
  pauses: [],
  sourceName: 'sbc',
  sidesSwapped: false,
  notes: [],
  termination: { result: 'completed', reason: 'sender-ended', sipStatus: null },
  streams: null,
};
