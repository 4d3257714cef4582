import { samplesToMs, type StreamReport } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { intersection, totalMs, type Interval } from '../metrics/intervals.ts';
import type { StreamSilence } from '../session/silence-alarm.ts';
import type { AssuranceReason, AssuranceVerdict, StreamAssurance } from '../types.ts';
import { edgeMs, judgedFromMs, lossShare, silentShare } from './thresholds.ts';

/** One stream as signalling led to expect it, and what media counted of it. Times are ms on the call's timeline. */
export interface StreamExpectation {
  readonly side: ChannelSide;
  readonly expected: readonly Interval[];
  /** Undefined: it never had a channel. */
  readonly report: StreamReport | undefined;
  /** Where its channel begins, and where the call ends. */
  readonly fromMs: number;
  readonly endMs: number;
  readonly silences: readonly StreamSilence[];
  /** Some stream of the call was turned away. */
  readonly isNotTaken: boolean;
}

export function assureStream(stream: StreamExpectation): StreamAssurance {
  const came = whatCame(stream);
  const expectedMs = totalMs(stream.expected);
  const reason = reasonOf(stream, came, expectedMs);
  return Object.freeze({
    side: stream.side,
    expectedMs,
    heardMs: came?.heardMs ?? 0,
    silentMs: came?.silentMs ?? 0,
    verdict: verdictOf(reason, came),
    reason,
  });
}

interface WhatCame {
  readonly startMs: number;
  readonly endMs: number;
  readonly heardMs: number;
  readonly silentMs: number;
  /** Of all that came, expected or not. */
  readonly silentShare: number;
}

/** Media counts as filled all of the channel that did not come: before it, after it, and the holes in it. */
function whatCame({ report, expected, fromMs, endMs: callEndMs }: StreamExpectation): WhatCame | null {
  const { firstSample = null, endSample = null } = report ?? {};
  if (report === undefined || firstSample === null || endSample === null) return null;
  const startMs = samplesToMs(firstSample);
  const endMs = samplesToMs(endSample);
  const around = Math.max(0, startMs - fromMs) + Math.max(0, callEndMs - endMs);
  const spanMs = endMs - startMs;
  const holesMs = Math.min(spanMs, Math.max(0, samplesToMs(report.filledSamples) - around));
  const wantedMs = totalMs(intersection(expected, [{ startMs, endMs }]));
  const quietMs = samplesToMs(report.quietSamples);
  // Holes lie first where nothing was expected: in holds.
  const heardMs = Math.max(0, wantedMs - Math.max(0, holesMs - (spanMs - wantedMs)));
  return {
    startMs,
    endMs,
    heardMs,
    silentMs: Math.min(heardMs, quietMs),
    silentShare: quietMs / Math.max(1, spanMs - holesMs),
  };
}

function reasonOf(stream: StreamExpectation, came: WhatCame | null, expectedMs: number): AssuranceReason {
  const { expected, report, silences, isNotTaken } = stream;
  if (came === null) {
    if (expectedMs <= edgeMs) return 'all-there';
    if (report !== undefined && report.packets + report.malformedPackets > 0) return 'nothing-decoded';
    return isNotTaken ? 'stream-not-taken' : 'stream-never-came';
  }
  if (expectedMs >= judgedFromMs) {
    if (came.silentShare > silentShare) return 'stream-silent';
    if (missed(expected, 0, came.startMs) > edgeMs) return 'stream-began-late';
    if (missed(expected, came.endMs, Number.POSITIVE_INFINITY) > edgeMs) return 'stream-ended-early';
  }
  // Holes alone say nothing: many senders leave out silence. Those long enough that media told of them do.
  const within = silences.filter(({ startMs, endMs }) => endMs !== null && startMs >= came.startMs);
  if (within.some(({ startMs, endMs }) => missed(expected, startMs, endMs ?? startMs) > 0)) return 'stream-gaps';
  const { packets = 0, lostPackets = 0 } = report ?? {};
  return lostPackets > (packets + lostPackets) * lossShare ? 'packets-lost' : 'all-there';
}

function missed(expected: readonly Interval[], startMs: number, endMs: number): number {
  return totalMs(intersection(expected, [{ startMs, endMs }]));
}

function verdictOf(reason: AssuranceReason, came: WhatCame | null): AssuranceVerdict {
  if (reason === 'all-there') return 'complete';
  return came === null ? 'missing' : 'partial';
}
