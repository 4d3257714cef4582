import type { ChannelSide } from '#sip/types.ts';
import type { Chain } from './chains.ts';
import type { Decision } from './decide.ts';
import type { Listening } from './listening.ts';
import { leadMs } from './margins.ts';
import { speaksOfCard } from './partials.ts';
import { spanAt } from './passage.ts';
import type { HeardSegment } from './talk.ts';

/**
 * What still has to wait. A segment with nothing in it that could be a digit never waits, save for what its own side
 * said before it.
 */
export function mustWait(segment: HeardSegment, decision: Decision, listening: Listening): boolean {
  const isOfSegment = ({ runs }: Chain): boolean => runs.some(({ words }) => words[0]?.segment === segment);
  if (decision.undecided.some(isOfSegment) || decision.codes.some(isOfSegment)) return true;
  const numbers = segment.words.some(({ reading }) => reading.kind === 'number');
  const homophones = segment.words.filter(({ reading }) => reading.kind === 'homophone');
  const isDictated = decision.dictations.some(
    ({ open, isDoubtful, side, startMs, endMs }) =>
      open && isDoubtful && side === segment.side && startMs <= segment.startMs && endMs >= segment.endMs,
  );
  if (isDictated && (numbers || homophones.length > 0)) return true;
  const doubtful = segment.fragment || homophones.length > 0;
  if (!numbers && !doubtful) return false;
  // Another side's open segment may hold the question that makes a passage of this.
  const othersHeard = listening.othersDecidedMs(segment.side) >= segment.endMs;
  if (!othersHeard && (numbers || decision.spans.length > 0 || othersAskForCard(segment.side, listening))) return true;
  // Its homophones stand between two digits if more digits come.
  return (
    homophones.some(({ mask }) => mask === null) &&
    spanAt(decision.spans, segment.endMs) !== null &&
    decision.stretches.some(({ open, startMs }) => open && startMs < segment.endMs)
  );
}

function othersAskForCard(side: ChannelSide, listening: Listening): boolean {
  return listening.sides.some((of) => of !== side && speaksOfCard(listening.open(of)?.words ?? []));
}

/** Sound before this may be written: nothing in front of it is open or undecided, margins included. */
export function markOf(decision: Decision, waiting: readonly HeardSegment[], decidedMs: number): number {
  let markMs = decidedMs - leadMs;
  for (const { startMs } of [...decision.undecided, ...decision.codes, ...waiting])
    markMs = Math.min(markMs, startMs - leadMs);
  for (const { open, endMs } of decision.stretches) if (open) markMs = Math.min(markMs, endMs);
  for (const { open, startMs } of decision.dictations) if (open) markMs = Math.min(markMs, startMs - leadMs);
  return Math.max(0, markMs);
}
