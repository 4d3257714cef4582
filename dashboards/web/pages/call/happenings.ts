import type { Call, CallNote } from '#analytics/types.ts';
import { partySides, type PartySide } from '#sip/types.ts';
import { spokenTime } from '../../client/format.ts';
import { partyAndSide } from '../../client/sides.ts';

/** What was heard on one channel besides words, for its lane. */
export interface SoundStretch {
  readonly kind: string;
  readonly side: PartySide;
  readonly startMs: number;
  readonly endMs: number;
}

/** A stretch of the call's timeline, for the waveform. */
export interface Stretch {
  readonly kind: 'pause' | 'hold';
  readonly startMs: number;
  /** Null while it lasts. */
  readonly endMs: number | null;
  /** One sentence. */
  readonly says: string;
}

/** Something that happened between what was said. */
export interface Happening {
  readonly atMs: number;
  readonly says: string;
}

type Told = Pick<Call, 'parties' | 'pauses' | 'notes'>;

/** Pauses, and holds as the history notes them, by their beginning. */
export function stretchesOf(call: Told): readonly Stretch[] {
  const pauses = call.pauses.map(({ fromMs, toMs, by }): Stretch => ({
    kind: 'pause',
    startMs: fromMs,
    endMs: toMs,
    says: `Paused by ${by}${lasting(fromMs, toMs)}: nothing ${toMs === null ? 'is' : 'was'} recorded or transcribed`,
  }));
  return [...pauses, ...holdsOf(call.notes)].sort((a, b) => a.startMs - b.startMs);
}

/** Who came and went, pauses and holds, in order: lines between those of the transcript. */
export function happeningsOf(call: Told): readonly Happening[] {
  const stretches = stretchesOf(call).map(({ startMs, says }): Happening => ({ atMs: startMs, says }));
  const comings = call.parties.flatMap((party): Happening[] => [
    ...(party.joinedMs > 0 ? [{ atMs: party.joinedMs, says: `${partyAndSide(call.parties, party)} joined` }] : []),
    ...(party.leftMs === null ? [] : [{ atMs: party.leftMs, says: `${partyAndSide(call.parties, party)} left` }]),
  ]);
  return [...stretches, ...comings].sort((a, b) => a.atMs - b.atMs);
}

/** What is said and what happened, by its beginning; what happened first where both are at once. */
export function woven<Said extends { readonly startMs: number }>(
  said: readonly Said[],
  happenings: readonly Happening[],
): readonly (Said | Happening)[] {
  const lines: (Said | Happening)[] = [];
  let next = 0;
  for (const each of said) {
    for (let first = happenings[next]; first !== undefined && first.atMs <= each.startMs; first = happenings[++next])
      lines.push(first);
    lines.push(each);
  }
  return [...lines, ...happenings.slice(next)];
}

/** Hold music, ringback, a beep ... as the history notes them, by their beginning. */
export function soundsOf({ notes }: Pick<Call, 'notes'>): readonly SoundStretch[] {
  return notes.flatMap(({ note, detail: side, atMs, untilMs }): SoundStretch[] =>
    atMs === null || untilMs === undefined || !isSide(side)
      ? []
      : [{ kind: note, side, startMs: atMs, endMs: untilMs }],
  );
}

function lasting(fromMs: number, toMs: number | null): string {
  return toMs === null ? '' : ` for ${spokenTime(toMs - fromMs)}`;
}

function isSide(text: string): text is PartySide {
  return (partySides as readonly string[]).includes(text);
}

/** `hold` and `resume` with a side as their detail; one that was never taken back lasts. */
function holdsOf(notes: readonly CallNote[]): readonly Stretch[] {
  const since = new Map<PartySide, number>();
  const holds: Stretch[] = [];
  const hold = (side: PartySide, startMs: number, endMs: number | null): number =>
    holds.push({ kind: 'hold', startMs, endMs, says: `Hold (${side})${lasting(startMs, endMs)}` });
  for (const { note, detail: side, atMs } of notes) {
    if (atMs === null || !isSide(side)) continue;
    const startMs = since.get(side);
    if (note === 'hold') since.set(side, startMs ?? atMs);
    if (note !== 'resume' || startMs === undefined) continue;
    hold(side, startMs, atMs);
    since.delete(side);
  }
  for (const [side, startMs] of since) hold(side, startMs, null);
  return holds;
}
