import { addressOf, PairMap, type Endpoint } from './addresses.ts';
import { leastStrayPackets, type RtpSegment } from './rtp-flows.ts';
import { otherSide } from '../types.ts';

/** Two streams between the same ports belong together as long as neither rests longer. */
const restMs = 60_000;
/** RTP this much older than the description that names its port belongs to the call all the same. */
const earlyMs = 5000;
const knownPayloadTypes: readonly number[] = [0, 8, 9];

/** RTP that no signalling names: the two directions of one call, or the one that was captured. */
export interface StrayPair {
  /** First heard first. */
  readonly directions: readonly [RtpSegment[], RtpSegment[]];
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

/**
 * Gives to signalled calls what was theirs and could not be known as it passed: packets ahead of the description, and
 * streams that go the other way between the same ports as one that is known (a party behind NAT).
 */
export function adopt(segments: Iterable<RtpSegment>): void {
  const byPair = new PairMap<RtpSegment[]>();
  const strays: RtpSegment[] = [];
  for (const segment of segments) {
    if (segment.owner === undefined) {
      strays.push(segment);
      continue;
    }
    const known = byPair.get(segment.source, segment.target);
    if (known === undefined) byPair.set(segment.source, segment.target, [segment]);
    else known.push(segment);
  }
  for (const stray of strays) {
    const same = byPair
      .get(stray.source, stray.target)
      ?.find(({ ssrc, firstEpochMs }) => ssrc === stray.ssrc && within(firstEpochMs - stray.lastEpochMs, earlyMs));
    if (same !== undefined) stray.owner = same.owner;
    const back = byPair.get(stray.target, stray.source)?.find((each) => overlap(each, stray));
    if (stray.owner === undefined && back?.owner !== undefined) {
      stray.owner = { ...back.owner, side: otherSide(back.owner.side) };
    }
  }
}

function within(value: number, limit: number): boolean {
  return value >= 0 && value < limit;
}

interface Interval {
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}
function overlap(one: Interval, two: Interval): boolean {
  return one.firstEpochMs <= two.lastEpochMs && two.firstEpochMs <= one.lastEpochMs;
}

/** Whether a stream that nothing describes is RTP beyond doubt, in a codec whose number is its name. */
function isSound({ packets, inOrder, payloadTypes }: RtpSegment): boolean {
  let known = 0;
  for (const [type, seen] of payloadTypes) if (knownPayloadTypes.includes(type)) known += seen.packets;
  return packets >= leastStrayPackets && inOrder >= 0.8 * packets && known >= 0.8 * packets;
}

/**
 * Calls without signalling: streams to and fro between the same ports; where a party sends from another port than it
 * listens on, between the same hosts at the same time. What a relay sends on is heard once, where it was seen first.
 */
export function pairStrays(segments: Iterable<RtpSegment>): StrayPair[] {
  const sound = [...segments]
    .filter((segment) => segment.owner === undefined && isSound(segment))
    .sort((a, b) => a.firstEpochMs - b.firstEpochMs);
  const groups = new PairMap<RtpSegment[][]>();
  const all: RtpSegment[][] = [];
  for (const segment of sound) {
    const [one, two] = ordered(segment.source, segment.target);
    let runs = groups.get(one, two);
    if (runs === undefined) groups.set(one, two, (runs = []));
    const last = runs.at(-1);
    if (last !== undefined && segment.firstEpochMs - end(last) < restMs) {
      last.push(segment);
      continue;
    }
    const run = [segment];
    runs.push(run);
    all.push(run);
  }
  return withoutRelayed(joinOneWays(all.map(toPair)));
}

function ordered(a: Endpoint, b: Endpoint): [Endpoint, Endpoint] {
  return a < b ? [a, b] : [b, a];
}

function end(run: readonly RtpSegment[]): number {
  return run.reduce((last, { lastEpochMs }) => Math.max(last, lastEpochMs), 0);
}

function toPair(run: readonly RtpSegment[]): StrayPair {
  const first = run[0] as RtpSegment;
  const there = run.filter(({ source }) => source === first.source);
  const back = run.filter(({ source }) => source !== first.source);
  return { directions: [there, back], firstEpochMs: first.firstEpochMs, lastEpochMs: end(run) };
}

/** Two one-way pairs that face each other between two hosts, when each is the only one that the other could belong to. */
function joinOneWays(pairs: readonly StrayPair[]): StrayPair[] {
  const byHosts = new PairMap<StrayPair[]>();
  for (const pair of pairs) {
    const [first] = pair.directions[0];
    if (first === undefined || pair.directions[1].length > 0) continue;
    const [source, target] = [addressOf(first.source), addressOf(first.target)];
    const known = byHosts.get(source, target);
    if (known === undefined) byHosts.set(source, target, [pair]);
    else known.push(pair);
  }
  const partner = (pair: StrayPair): StrayPair | undefined => {
    const [first] = pair.directions[0];
    if (first === undefined || pair.directions[1].length > 0) return undefined;
    const facing = byHosts.get(addressOf(first.target), addressOf(first.source)) ?? [];
    const meanwhile = facing.filter((each) => each !== pair && overlap(each, pair));
    return meanwhile.length === 1 ? meanwhile[0] : undefined;
  };
  const joined: StrayPair[] = [];
  const taken = new Set<StrayPair>();
  for (const pair of pairs) {
    if (taken.has(pair)) continue;
    const other = partner(pair);
    if (other === undefined || partner(other) !== pair) {
      joined.push(pair);
      continue;
    }
    taken.add(other);
    joined.push({
      directions: [pair.directions[0], other.directions[0]],
      firstEpochMs: pair.firstEpochMs,
      lastEpochMs: Math.max(pair.lastEpochMs, other.lastEpochMs),
    });
  }
  return joined;
}

/** Without those of which every stream was seen before, at the same time, on another way. */
function withoutRelayed(pairs: readonly StrayPair[]): StrayPair[] {
  const bySsrc = new Map<number, StrayPair[]>();
  return pairs.filter((pair) => {
    const [first, ...others] = [...new Set(pair.directions.flat().map(({ ssrc }) => ssrc))];
    const seen = (bySsrc.get(first ?? -1) ?? []).some(
      (before) => overlap(before, pair) && others.every((ssrc) => bySsrc.get(ssrc)?.includes(before)),
    );
    if (seen) return false;
    for (const { ssrc } of pair.directions.flat()) {
      const known = bySsrc.get(ssrc);
      if (known === undefined) bySsrc.set(ssrc, [pair]);
      else if (!known.includes(pair)) known.push(pair);
    }
    return true;
  });
}
