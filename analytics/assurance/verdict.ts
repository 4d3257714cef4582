import type { RecordingReport, SideReports, StreamReport } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { complement, intersection, totalMs, union, type Interval } from '../metrics/intervals.ts';
import type { StreamSilence } from '../session/silence-alarm.ts';
import {
  assuranceReasons,
  type Assurance,
  type AssuranceReason,
  type AssuranceVerdict,
  type Call,
  type StreamAssurance,
} from '../types.ts';
import { sidesExpected } from './expected-sides.ts';
import { assureStream } from './stream.ts';

/** What is known of a call when its last row is written. Times are ms on its timeline. */
export interface AssuranceInput {
  readonly call: Call;
  readonly endMs: number;
  /** The channels that the timeline had, and from when on. */
  readonly channels: ReadonlyMap<ChannelSide, number>;
  readonly holds: readonly Interval[];
  /** Somebody wanted it paused, and did to the end. */
  readonly isPaused: boolean;
  readonly silences: readonly StreamSilence[];
  /** Null: none was made. */
  readonly recording: Pick<RecordingReport, 'path' | 'failure'> | null;
  /** Sound was lost on its way to recognition or to the disk. */
  readonly dropped: boolean;
  /** Some of it was never recognised, or never let out. */
  readonly unrecognised: boolean;
}

/**
 * What of a call's sound was to be kept, by signalling, and what is there. Pure. The whole is as bad as the worst of
 * it: what excludes the call, then what is missing altogether, then what its streams and the way to the disk lost.
 */
export function assure(input: AssuranceInput): Assurance {
  const { call, recording } = input;
  if (call.record === 'none') return whole('excluded', 'record-none');
  if (call.answeredAt === null) return whole('excluded', 'not-answered');
  if (call.mediaStartedAt === null) {
    return input.isPaused ? whole('excluded', 'paused-throughout') : whole('missing', 'nothing-came');
  }
  const window = windowOf(input);
  if (totalMs(window) === 0 && call.pauses.length > 0) return whole('excluded', 'paused-throughout');
  const counted = countedOf(call);
  const streams = counted === null ? [] : streamsOf(input, counted, window);
  const reports = Object.values(counted ?? {});
  if (reports.length > 0 && reports.every(({ firstSample }) => firstSample === null)) {
    return whole('missing', reports.some(hasPackets) ? 'nothing-decoded' : 'nothing-came', streams);
  }
  if ((recording?.path ?? null) === null) return whole('missing', 'recording-failed', streams);
  const lost: AssuranceReason[] = streams.flatMap(({ verdict, reason }) => (verdict === 'complete' ? [] : [reason]));
  if (recording?.failure !== null) lost.push('recording-failed');
  if (call.notes.some(({ note }) => note === 'stream-not-taken')) lost.push('stream-not-taken');
  if (input.dropped || counted === null) lost.push('audio-dropped');
  if (input.unrecognised) lost.push('not-recognised');
  const worst = assuranceReasons.find((reason) => lost.includes(reason));
  return worst === undefined ? whole('complete', 'all-there', streams) : whole('partial', worst, streams);
}

/** Media's own account of the call is lost with the worker that had its sound. */
function countedOf({ streams, termination }: Call): SideReports | null {
  return termination?.reason === 'media-failed' ? null : streams;
}

/** From answer to end, without pauses. */
function windowOf({ call, endMs }: AssuranceInput): readonly Interval[] {
  const pauses = call.pauses.map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs ?? endMs }));
  return complement(union(pauses), { startMs: Math.min(call.answeredMs ?? 0, endMs), endMs });
}

function streamsOf(input: AssuranceInput, counted: SideReports, window: readonly Interval[]): StreamAssurance[] {
  const { call, channels, endMs } = input;
  // Nobody sends anything worth keeping while one has the others on hold.
  const talk = intersection(window, complement(union(input.holds), { startMs: 0, endMs }));
  const had = Object.keys(counted) as ChannelSide[];
  return sidesExpected(had, call.parties).map((side) => {
    const fromMs = channels.get(side) ?? 0;
    return assureStream({
      side,
      expected: intersection(talk, presenceOf(side, call, { startMs: fromMs, endMs })),
      report: counted[side],
      fromMs,
      endMs,
      silences: input.silences.filter((silence) => silence.side === side),
      isNotTaken: call.notes.some(({ note }) => note === 'stream-not-taken'),
    });
  });
}

/** When somebody was on that side; as long as it had a channel where signalling named nobody. */
function presenceOf(side: ChannelSide, { parties }: Call, channel: Interval): readonly Interval[] {
  const { endMs } = channel;
  const there = parties.filter((party) => party.side === side);
  if (there.length === 0) return [channel];
  return union(there.map(({ joinedMs, leftMs }) => ({ startMs: joinedMs, endMs: Math.min(leftMs ?? endMs, endMs) })));
}

function hasPackets({ packets, malformedPackets }: StreamReport): boolean {
  return packets + malformedPackets > 0;
}

function whole(
  verdict: AssuranceVerdict,
  reason: AssuranceReason,
  streams: readonly StreamAssurance[] = [],
): Assurance {
  return Object.freeze({ verdict, reason, streams: Object.freeze(streams) });
}
