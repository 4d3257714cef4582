import type { SpeakerTurn } from '#asr/types.ts';
import { intersection, totalMs, union, type Interval } from '../metrics/intervals.ts';

/** Two who speak at once for less than this only follow each other closely: turns are placed to a quarter of a second. */
const leastOverlapMs = 300;

/** Who speaks the most of these stretches; `before` where others speak as much, and where nobody is known to. */
export function speakerOf(
  stretches: readonly Interval[],
  turns: readonly SpeakerTurn[],
  before: string | undefined,
): string | undefined {
  const heardMs = new Map<string, number>();
  for (const stretch of stretches) {
    for (const turn of turns) {
      const sharedMs = Math.min(turn.endMs, stretch.endMs) - Math.max(turn.startMs, stretch.startMs);
      if (sharedMs > 0) heardMs.set(turn.speaker, (heardMs.get(turn.speaker) ?? 0) + sharedMs);
    }
  }
  return [...heardMs].reduce<readonly [string | undefined, number]>(
    (most, each) => (each[1] > most[1] ? each : most),
    [before, before === undefined ? 0 : (heardMs.get(before) ?? 0)],
  )[0];
}

/** Whether somebody else of the stream speaks at the same time as this speaker, within the stretch. */
export function isOverlapped(stretch: Interval, speaker: string, turns: readonly SpeakerTurn[]): boolean {
  const near = turns.filter(({ startMs, endMs }) => startMs < stretch.endMs && endMs > stretch.startMs);
  const own = union(near.filter((turn) => turn.speaker === speaker));
  const others = union(near.filter((turn) => turn.speaker !== speaker));
  return totalMs(intersection(intersection(own, others), [stretch])) >= leastOverlapMs;
}

/** In the order of their first turn. */
export function speakersIn(turns: readonly SpeakerTurn[]): readonly string[] {
  return [...new Set(turns.map(({ speaker }) => speaker))];
}
