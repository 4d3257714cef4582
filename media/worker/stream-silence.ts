import { talkSides, type TalkSide } from '#sip/types.ts';
import type { Leg } from '../rtp/leg.ts';

/**
 * Packets are expected of a leg once both ends are known, unless it does not talk or either side holds the other (a
 * phone on hold, and many that hold, send nothing). The time counts from when they came to be expected.
 */
export function expectPackets(legs: Readonly<Record<TalkSide, Leg>>, nowMs: number): void {
  const connected = talkSides.every((side) => (legs[side].settings?.remote ?? null) !== null);
  const held = talkSides.some((side) => legs[side].settings?.holding === true);
  for (const side of talkSides) {
    const leg = legs[side];
    const expected = connected && !held && leg.settings?.talks === true;
    if (!expected) {
      leg.expectedSinceMs = Infinity;
      leg.silent = false;
    } else if (leg.expectedSinceMs === Infinity) leg.expectedSinceMs = nowMs;
  }
}

/** True when the leg has just been silent for too long. */
export function checkSilence(leg: Leg, nowMs: number, rtpTimeoutMs: number): boolean {
  if (leg.silent || nowMs - Math.max(leg.heardAtMs, leg.expectedSinceMs) < rtpTimeoutMs) return false;
  leg.silent = true;
  return true;
}
