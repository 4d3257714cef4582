import { hostText } from '../engine/message/uri.ts';
import { newId } from '#lib/ids.ts';
import {
  talkSides,
  type CapturedCall,
  type CapturedStream,
  type Party,
  type TalkSide,
  type Termination,
} from '../types.ts';
import { addressOf, type AddressTable } from './addresses.ts';
import type { DialogHop, Mark } from './dialog-hop.ts';
import type { StrayPair } from './pairing.ts';
import { CaptureFault } from './fault.ts';
import { longestRestMs, type PayloadTypeSeen, type RtpSegment } from './rtp-flows.ts';
import type { SignalledCall } from './signalling.ts';

type Format = CapturedStream['formats'][number];

/** A call with all that is needed to read it again. */
export interface CallPlan {
  readonly call: Omit<CapturedCall, 'items'>;
  readonly segments: readonly (RtpSegment & { readonly side: TalkSide })[];
  readonly marks: readonly Mark[];
}

const fileEnded: Termination = Object.freeze({ result: 'completed', reason: 'file-ended', sipStatus: null });
const neverAnswered: Termination = Object.freeze({ result: 'failed', reason: 'file-ended', sipStatus: null });

/** RFC 3551 section 6: what these numbers carry where no description says otherwise. */
const staticFormats: readonly Format[] = (
  [
    [0, 'pcmu'],
    [8, 'pcma'],
    [9, 'g722'],
    [13, 'comfort-noise'],
  ] as const
).map(([payloadType, carries]) => Object.freeze({ payloadType, carries, clockRateHz: 8000 }));

/** The call as its best hop saw it: the one with sound on most sides, then the one with most of it, then the first. */
export function planSignalled(call: SignalledCall, segments: readonly RtpSegment[], endEpochMs: number): CallPlan {
  const hops = [...call.hops.values()];
  const heard = (hop: DialogHop): RtpSegment[] => segments.filter(({ owner }) => owner?.hops.has(hop) === true);
  const scored = hops.map((hop) => {
    const own = heard(hop);
    const sides = new Set(own.map(({ owner }) => owner?.side)).size;
    return { hop, own, sides, packets: own.reduce((sum, { packets }) => sum + packets, 0) };
  });
  const best = scored.reduce((one, two) =>
    two.sides > one.sides || (two.sides === one.sides && two.packets > one.packets) ? two : one,
  );
  const { hop } = best;
  const own = best.own.flatMap((segment) =>
    segment.owner === undefined ? [] : [Object.assign(segment, { side: segment.owner.side })],
  );
  assertNoLongRest(own);
  const lastHeard = Math.max(hop.lastEpochMs, lastOf(own));
  const answeredEpochMs = earliest(hops.map((each) => each.answeredEpochMs));
  const termination = hop.termination ?? hops.find((each) => each.termination !== undefined)?.termination;
  const notes = notesOf(call, hop);
  const streams = talkSides.flatMap((side) => streamOf(side, own, formatsOf(call, side)));
  if (streams.some(({ unknownPackets, packets }) => unknownPackets > packets / 2)) notes.push('codec-unknown');
  if (answeredEpochMs !== null && streams.length < 2) notes.push(streams.length === 0 ? 'no-sound' : 'one-sided');
  if (termination === undefined) notes.push('capture-ended-first');
  return {
    call: {
      sipCallIds: Object.freeze([call.callId]),
      parties: hop.parties,
      headers: hop.headers,
      startedEpochMs: Math.min(hop.startedEpochMs, firstOf(own)),
      answeredEpochMs,
      endedEpochMs:
        hop.endedEpochMs ?? earliest(hops.map((each) => each.endedEpochMs)) ?? Math.min(lastHeard, endEpochMs),
      termination: termination ?? (answeredEpochMs === null ? neverAnswered : fileEnded),
      streams: Object.freeze(streams),
      notes: Object.freeze(notes),
    },
    segments: own,
    marks: hop.marks.filter(({ atEpochMs }) => atEpochMs <= lastOf(own) + longestRestMs),
  };
}

/**
 * Sound is played at the times of the capture, and a rest of years would be years of silence.
 * @throws CaptureFault
 */
function assertNoLongRest(segments: readonly RtpSegment[]): void {
  let lastMs = Infinity;
  for (const { firstEpochMs, lastEpochMs, firstOffset } of segments.toSorted(
    (a, b) => a.firstEpochMs - b.firstEpochMs,
  )) {
    const hours = Math.floor((firstEpochMs - lastMs) / 3_600_000);
    if (firstEpochMs - lastMs > longestRestMs) {
      throw new CaptureFault(
        `the clock was set while it was captured: within a call, sound goes on after ${hours} hours (editcap -t mends that)`,
        firstOffset,
      );
    }
    lastMs = lastMs === Infinity ? lastEpochMs : Math.max(lastMs, lastEpochMs);
  }
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function notesOf(call: SignalledCall, hop: DialogHop): string[] {
  const notes: string[] = [];
  if (hop.beganBefore) notes.push('began-before-capture');
  if (!call.described && call.problems.has('secure-only')) notes.push('encrypted');
  if (!call.described && call.problems.has('no-common-codec')) notes.push('codec-not-taken');
  return notes;
}

/** What `side` sends: numbers mean what the other side, which receives them, said; else what it said itself. */
function formatsOf(call: SignalledCall, side: TalkSide): Map<number, Format> {
  const formats = new Map(staticFormats.map((format) => [format.payloadType, format]));
  for (const [type, format] of call.formats[side]) formats.set(type, format);
  for (const [type, format] of call.formats[side === 'caller' ? 'callee' : 'caller']) formats.set(type, format);
  return formats;
}

/** Without signalling: nobody said who called. Who was heard first is the caller, and an address is all that is known. */
export function planStray(pair: StrayPair, addresses: AddressTable): CallPlan {
  const segments = talkSides.flatMap((side, index) =>
    (pair.directions[index] ?? []).map((segment) => Object.assign(segment, { side })),
  );
  const known = new Map(staticFormats.map((format) => [format.payloadType, format]));
  const streams = talkSides.flatMap((side) => {
    const formats = new Map(known);
    for (const segment of segments) if (segment.side === side) guessKeys(segment.payloadTypes, formats);
    return streamOf(side, segments, formats);
  });
  const one = pair.directions[0][0] as RtpSegment;
  const back = pair.directions[1][0];
  const notes = ['no-signalling', 'capture-ended-first'];
  if (streams.length < 2) notes.push('one-sided');
  return {
    call: {
      sipCallIds: Object.freeze([]),
      parties: Object.freeze([
        party('caller', addresses.text(addressOf(one.source))),
        party('callee', addresses.text(addressOf(back?.source ?? one.target))),
      ]),
      headers: Object.freeze({}),
      startedEpochMs: pair.firstEpochMs,
      answeredEpochMs: pair.firstEpochMs,
      endedEpochMs: pair.lastEpochMs,
      termination: fileEnded,
      streams: Object.freeze(streams),
      notes: Object.freeze(notes),
    },
    segments,
    marks: [],
  };
}

function party(side: TalkSide, address: string): Party {
  return Object.freeze({
    partyId: newId(),
    side,
    uri: `sip:${hostText(address)}`,
    displayName: null,
    role: 'unknown',
    joinedMs: 0,
    leftMs: null,
  });
}

/** RFC 4733 packets are four bytes of payload, always, and come beside a stream of sound under a dynamic number. */
function guessKeys(seen: ReadonlyMap<number, PayloadTypeSeen>, formats: Map<number, Format>): void {
  for (const [payloadType, { leastBytes, mostBytes }] of seen) {
    if (payloadType >= 96 && leastBytes === 16 && mostBytes === 16) {
      formats.set(payloadType, Object.freeze({ payloadType, carries: 'telephone-event', clockRateHz: 8000 }));
    }
  }
}

function streamOf(
  side: TalkSide,
  segments: readonly (RtpSegment & { readonly side: TalkSide })[],
  formats: ReadonlyMap<number, Format>,
): CapturedStream[] {
  const own = segments.filter((segment) => segment.side === side);
  if (own.length === 0) return [];
  let packets = 0;
  let unknownPackets = 0;
  const used = new Set<number>();
  for (const segment of own) {
    packets += segment.packets;
    for (const [type, seen] of segment.payloadTypes) {
      if (formats.has(type)) used.add(type);
      else unknownPackets += seen.packets;
    }
  }
  return [
    Object.freeze({
      side,
      formats: Object.freeze([...formats.values()].filter(({ payloadType }) => used.has(payloadType))),
      packets,
      unknownPackets,
      firstEpochMs: firstOf(own),
      lastEpochMs: lastOf(own),
    }),
  ];
}

function firstOf(segments: readonly RtpSegment[]): number {
  return segments.reduce((first, { firstEpochMs }) => Math.min(first, firstEpochMs), Infinity);
}

function lastOf(segments: readonly RtpSegment[]): number {
  return segments.reduce((last, { lastEpochMs }) => Math.max(last, lastEpochMs), -Infinity);
}
