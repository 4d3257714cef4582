import { noHints, type PartyHints } from './party-hints.ts';
import type { RsAssociation, RsMetadata, RsStreamAssociation } from './rs-metadata.ts';

/** What is known of a recorded call after all metadata so far. Immutable: each update makes a new one. */
export interface RecordingState {
  /** In the order in which they were first named, those that have left included. */
  readonly participants: readonly KnownParticipant[];
  readonly streams: readonly KnownStream[];
  readonly hints: PartyHints;
  readonly groupIds: readonly string[];
  readonly sessionIds: readonly string[];
  readonly sipSessionIds: readonly string[];
}

export interface KnownParticipant {
  readonly id: string;
  readonly aor: string | null;
  readonly name: string | null;
  readonly direction: 'calling' | 'called' | null;
  /** Ids of streams. */
  readonly sends: readonly string[];
  readonly receives: readonly string[];
  readonly associatedEpochMs: number | null;
  /** Of the sessions that it takes part in, as far as associations say. */
  readonly sessionIds: readonly string[];
  readonly present: boolean;
}

export interface KnownStream {
  readonly id: string;
  readonly label: string | null;
  readonly mixed: boolean;
}

export const nothingKnown: RecordingState = {
  participants: [],
  streams: [],
  hints: noHints,
  groupIds: [],
  sessionIds: [],
  sipSessionIds: [],
};

export interface MergedState {
  readonly state: RecordingState;
  /** The update speaks of participants or streams that nobody has described: a snapshot is worth asking for. */
  readonly dangling: boolean;
}

const maxParticipants = 64;

/** RFC 7865 section 6.1.1: a complete document stands for everything, a partial one for the objects that it names. */
export function mergeMetadata(before: RecordingState, update: RsMetadata): MergedState {
  const complete = update.dataMode === 'complete';
  const streams = mergeStreams(before.streams, update, complete);
  const ids = new Set([
    ...before.participants.map(({ id }) => id),
    ...update.participants.map(({ id }) => id),
    ...update.participantSessions.map(({ participantId }) => participantId),
    ...update.participantStreams.map(({ participantId }) => participantId),
  ]);
  const participants = [...ids].slice(0, maxParticipants).map((id) =>
    mergeParticipant(
      id,
      before.participants.find((each) => each.id === id),
      update,
      complete,
    ),
  );
  const described = new Set([...before.participants, ...update.participants].map(({ id }) => id));
  const sent = participants.flatMap(({ sends, receives }) => [...sends, ...receives]);
  return {
    state: {
      participants,
      streams,
      hints: {
        calling: update.hints.calling ?? before.hints.calling,
        called: update.hints.called ?? before.hints.called,
      },
      groupIds: union(
        before.groupIds,
        update.groups.map(({ id }) => id),
      ),
      sessionIds: union(
        before.sessionIds,
        update.sessions.map(({ id }) => id),
      ),
      sipSessionIds: union(
        before.sipSessionIds,
        update.sessions.flatMap(({ sipSessionIds }) => sipSessionIds),
      ),
    },
    dangling:
      participants.some(({ id }) => !described.has(id)) ||
      sent.some((id) => !streams.some((stream) => stream.id === id)),
  };
}

function mergeStreams(before: readonly KnownStream[], update: RsMetadata, complete: boolean): readonly KnownStream[] {
  const named = update.streams.map(({ id, label, mixed }) => ({
    id,
    label: label ?? before.find((each) => each.id === id)?.label ?? null,
    mixed,
  }));
  if (complete) return named;
  return [...before.filter(({ id }) => !named.some((each) => each.id === id)), ...named].slice(-maxParticipants);
}

function mergeParticipant(
  id: string,
  before: KnownParticipant | undefined,
  update: RsMetadata,
  complete: boolean,
): KnownParticipant {
  const described = update.participants.filter((each) => each.id === id);
  const sessions = update.participantSessions.filter(({ participantId }) => participantId === id);
  const stopped = new Set(update.sessions.flatMap((each) => (each.stopped ? [each.id] : [])));
  const joined = sessions.flatMap((each) => (each.sessionId !== null && isOn(each, stopped) ? [each.sessionId] : []));
  const left = new Set([...stopped, ...sessions.map(({ sessionId }) => sessionId)]);
  const keptIds = complete ? [] : (before?.sessionIds ?? []).filter((each) => !left.has(each));
  const streams = update.participantStreams.filter(({ participantId }) => participantId === id);
  const named = described.length + sessions.length + streams.length > 0;
  const last = described.at(-1);
  const times = sessions.flatMap(({ associatedEpochMs }) => (associatedEpochMs === null ? [] : [associatedEpochMs]));
  const keep = before !== undefined && !complete && streams.length === 0;
  return {
    id,
    aor: last?.aor ?? before?.aor ?? null,
    name: last?.name ?? before?.name ?? null,
    direction: last?.direction ?? before?.direction ?? null,
    sends: keep ? before.sends : linked(streams, 'sends'),
    receives: keep ? before.receives : linked(streams, 'receives'),
    associatedEpochMs: before?.associatedEpochMs ?? (times.length === 0 ? null : Math.min(...times)),
    sessionIds: [...new Set([...keptIds, ...joined])],
    present: complete
      ? named && staysIn(sessions, stopped)
      : sessions.length > 0
        ? keptIds.length > 0 || staysIn(sessions, stopped)
        : (before?.present ?? true) && (keptIds.length > 0 || (before?.sessionIds ?? []).length === 0),
  };
}

function linked(associations: readonly RsStreamAssociation[], way: 'sends' | 'receives'): readonly string[] {
  const current = associations.filter(({ disassociatedEpochMs }) => disassociatedEpochMs === null);
  return [...new Set(current.flatMap((each) => each[way]))];
}

/** Moved to another session of the call it is still there: gone are those whose every association has ended. */
function staysIn(sessions: readonly RsAssociation[], stopped: ReadonlySet<string>): boolean {
  return sessions.length === 0 || sessions.some((each) => isOn(each, stopped));
}

function isOn(
  { sessionId, associatedEpochMs, disassociatedEpochMs }: RsAssociation,
  stopped: ReadonlySet<string>,
): boolean {
  if (sessionId !== null && stopped.has(sessionId)) return false;
  return disassociatedEpochMs === null || (associatedEpochMs !== null && associatedEpochMs > disassociatedEpochMs);
}

function union(before: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])].slice(0, 16);
}
