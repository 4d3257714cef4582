import type { PartySide } from '../types.ts';
import type { KnownParticipant, RecordingState } from './recording-state.ts';

/**
 * Which side of the call each stream is. Pure. In this order:
 *
 * - A line keeps the side that it has, whoever speaks on it now (hold, transfer, an update).
 * - A label leads to a stream, the stream to whoever sends it. Without labels or associations the first line belongs to
 *   the first participant, and so on; one line alone carries them all.
 * - A line that several send, or of which nothing is known, is `mixed` when it is the only one.
 * - Who called: a participant that the client marks as calling (Oracle `callingParty`), or whose number it names as the
 *   calling one (BroadWorks, Sonus); else the one that joined strictly earlier (`associate-time`); else the first.
 * - The caller's line is `caller`, the next `callee`, a third `other`; there is no fourth.
 * - A line that was switched off (port 0) leaves its side to the next line that comes.
 */
export interface SideLine {
  readonly label: string | null;
  /** Audio that we take. */
  readonly usable: boolean;
  /** Port not 0. */
  readonly active: boolean;
  /** What it was before; null for a new one. */
  readonly side: PartySide | null;
}

export interface AssignedLine {
  /** Null: not taken. */
  readonly side: PartySide | null;
  /** Ids of those whose voice it carries. */
  readonly participants: readonly string[];
}

export function assignSides(
  lines: readonly SideLine[],
  state: RecordingState,
  /** Sides that another dialog of the call feeds. */
  besides: ReadonlySet<PartySide> = new Set(),
): readonly AssignedLine[] {
  const senders = sendersOf(lines, state);
  const sides: (PartySide | null)[] = lines.map(() => null);
  const taken = (side: PartySide): boolean => besides.has(side) || sides.includes(side);
  lines.forEach(({ usable, active, side }, index) => {
    if (usable && active && side !== null && !taken(side)) sides[index] = side;
  });
  const rank = ranking(state);
  const open = lines
    .map((line, index) => ({ line, index, senders: senders[index] ?? [] }))
    .filter(({ line, index }) => line.usable && line.active && sides[index] === null)
    .sort((a, b) => rank(a.senders) - rank(b.senders) || a.index - b.index);
  const usable = lines.filter((line) => line.usable && line.active).length;
  for (const each of open) {
    const wanted: readonly PartySide[] = isMixed(
      each.senders,
      usable,
      streamsOf(lines, state)[each.index]?.mixed ?? false,
    )
      ? ['mixed']
      : saysCalled(each.senders, state)
        ? ['callee', 'caller', 'other']
        : ['caller', 'callee', 'other'];
    sides[each.index] = wanted.find((side) => !taken(side)) ?? null;
  }
  // Switched off, it keeps its side unless another has it now.
  lines.forEach(({ usable: isUsable, active, side }, index) => {
    if (isUsable && !active && side !== null && !taken(side)) sides[index] = side;
  });
  return lines.map((_line, index) => ({
    side: sides[index] ?? null,
    participants: (senders[index] ?? []).map(({ id }) => id),
  }));
}

function isMixed(senders: readonly KnownParticipant[], usableLines: number, saidMixed: boolean): boolean {
  return usableLines === 1 && (senders.length !== 1 || saidMixed);
}

function streamsOf(
  lines: readonly SideLine[],
  state: RecordingState,
): (RecordingState['streams'][number] | undefined)[] {
  // A client that gives a stream no label may have made its id the label.
  const byLabel = lines.map(({ label }) =>
    state.streams.find((stream) => label !== null && (stream.label ?? stream.id) === label),
  );
  if (byLabel.some((stream) => stream !== undefined)) {
    // Streams without a label are the lines that no label claims.
    const nameless = state.streams.filter((stream) => stream.label === null && !byLabel.includes(stream));
    return byLabel.map((stream, index) => stream ?? (lines[index]?.usable === true ? nameless.shift() : undefined));
  }
  let next = 0;
  return lines.map(({ usable }) => (usable ? state.streams[next++] : undefined));
}

/** For each line, who sends it. */
function sendersOf(lines: readonly SideLine[], state: RecordingState): readonly (readonly KnownParticipant[])[] {
  const present = state.participants.filter((each) => each.present);
  const streams = streamsOf(lines, state);
  const ids = new Set(state.streams.map(({ id }) => id));
  // By the stream's id; by its label where a client confuses the two.
  const bySends = streams.map((stream, index) =>
    present.filter(({ sends }) => {
      if (stream === undefined) return false;
      const label = lines[index]?.label ?? null;
      return sends.includes(stream.id) || (label !== null && !ids.has(label) && sends.includes(label));
    }),
  );
  const usable = lines.flatMap((line, index) => (line.usable && line.active ? [index] : []));
  const known = usable.filter((index) => bySends[index]?.length === 1).length;
  if (known > 0 || usable.length === 0) return withTheLast(bySends, usable, present);
  if (usable.length === 1) {
    const [only = 0] = usable;
    const named = bySends[only] ?? [];
    return lines.map((_line, index) => (index !== only ? [] : named.length > 0 ? named : present));
  }
  const byReceives = streams.map((stream) =>
    present.filter(({ receives }) => stream !== undefined && receives.length > 0 && !receives.includes(stream.id)),
  );
  if (usable.every((index) => byReceives[index]?.length === 1)) return byReceives;
  // Nobody says who sends what: in the order of both.
  return lines.map((_line, index) => {
    const participant = present.length === usable.length ? present[usable.indexOf(index)] : undefined;
    return usable.includes(index) && participant !== undefined ? [participant] : [];
  });
}

/** One line that nobody is said to send, and one participant who is not said to send anything: that line is theirs. */
function withTheLast(
  senders: readonly (readonly KnownParticipant[])[],
  usable: readonly number[],
  present: readonly KnownParticipant[],
): readonly (readonly KnownParticipant[])[] {
  const silent = present.filter(({ sends }) => sends.length === 0);
  const open = usable.filter((index) => senders[index]?.length === 0);
  if (silent.length !== 1 || open.length !== 1) return senders;
  return senders.map((each, index) => (index === open[0] ? silent : each));
}

/** Smaller calls, larger is called. Lines of nobody come last. */
function ranking(state: RecordingState): (senders: readonly KnownParticipant[]) => number {
  const order = callingOrder(state);
  return (senders) => {
    // Of several who share a line, that one of them called says it of the line.
    const caller = senders.find((each) => weightOf(each, state) < 0);
    const only = caller ?? (senders.length === 1 ? senders[0] : undefined);
    return only === undefined ? order.length : order.indexOf(only.id);
  };
}

function callingOrder(state: RecordingState): readonly string[] {
  return state.participants
    .map((participant, index) => ({ participant, index }))
    .sort(
      (a, b) =>
        weightOf(a.participant, state) - weightOf(b.participant, state) ||
        earlier(a.participant, b.participant) ||
        a.index - b.index,
    )
    .map(({ participant }) => participant.id);
}

function earlier(a: KnownParticipant, b: KnownParticipant): number {
  return a.associatedEpochMs === null || b.associatedEpochMs === null ? 0 : a.associatedEpochMs - b.associatedEpochMs;
}

function saysCalled(senders: readonly KnownParticipant[], state: RecordingState): boolean {
  const [only] = senders;
  return only !== undefined && senders.length === 1 && weightOf(only, state) > 0;
}

/** -1 said to call, 1 said to be called, 0 nothing said. */
function weightOf(participant: KnownParticipant, { hints }: RecordingState): number {
  if (participant.direction !== null) return participant.direction === 'calling' ? -1 : 1;
  const calling = sameNumber(participant.aor, hints.calling);
  const called = sameNumber(participant.aor, hints.called);
  return calling === called ? 0 : calling ? -1 : 1;
}

/** One may be written with a country code and the other without: seven digits at the end are enough. */
function sameNumber(aor: string | null, hint: string | null): boolean {
  const one = userOf(aor);
  const other = userOf(hint);
  if (one === '' || other === '') return false;
  if (one === other) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return /^\d{7,}$/.test(short) && long.endsWith(short);
}

function userOf(text: string | null): string {
  const plain = /(?:sips?:|tel:)([^@;>\s]+)/i.exec(text ?? '')?.[1] ?? (text ?? '').split('@')[0] ?? '';
  return plain
    .trim()
    .replaceAll(/[-.()]/g, '')
    .toLowerCase();
}
