import { newId } from '#lib/ids.ts';
import type { Party, PartyRole, PartySide } from '../types.ts';
import { readAor, uriOfAor } from './participant-uri.ts';
import type { KnownParticipant, RecordingState } from './recording-state.ts';
import type { AssignedLine } from './sides.ts';

/** What is known of a party that no metadata describes. */
export interface UndescribedParty {
  readonly uri: string | null;
  readonly displayName: string | null;
  readonly role: PartyRole;
}

interface Entry {
  readonly partyId: string;
  side: PartySide;
  readonly joinedMs: number;
  leftMs: number | null;
}

/**
 * The parties of one recorded call over its life: each participant keeps its id, whoever leaves stays in the list with
 * the time of it. Times are ms since the copy was answered, the nearest to its first media sample that signalling knows.
 */
export class Parties {
  readonly #entries = new Map<string, Entry>();

  update(
    lines: readonly AssignedLine[],
    state: RecordingState,
    nowMs: number,
    undescribed: (side: PartySide) => UndescribedParty,
  ): readonly Party[] {
    const described = state.participants.flatMap((participant) => this.#described(participant, lines, nowMs));
    // A stream whose speaker has left is not suddenly somebody else's.
    const named = new Set(described.map(({ side }) => side));
    const nameless = lines.flatMap(({ side, participants }) =>
      side === null || participants.length > 0 || named.has(side) ? [] : this.#nameless(side, nowMs, undescribed(side)),
    );
    return Object.freeze([...described, ...nameless]);
  }

  #described(participant: KnownParticipant, lines: readonly AssignedLine[], nowMs: number): Party[] {
    const key = `participant ${participant.id}`;
    const line = lines.find(({ side, participants }) => side !== null && participants.includes(participant.id));
    const known = this.#entries.get(key);
    // One that was gone before it was ever heard of is no news.
    if (known === undefined && !participant.present) return [];
    const entry = known ?? this.#adopt(key, line?.side) ?? this.#enter(key, line?.side ?? this.#freeSide(lines), nowMs);
    entry.side = line?.side ?? entry.side;
    entry.leftMs = participant.present ? null : (entry.leftMs ?? nowMs);
    return [party(entry, { ...identityOf(participant), role: 'unknown' })];
  }

  /** Whoever spoke on this stream before anybody had a name was this one. */
  #adopt(key: string, side: PartySide | null | undefined): Entry | undefined {
    const entry = this.#entries.get(`side ${side ?? ''}`);
    if (entry === undefined) return undefined;
    this.#entries.delete(`side ${entry.side}`);
    this.#entries.set(key, entry);
    return entry;
  }

  #nameless(side: PartySide, nowMs: number, given: UndescribedParty): Party[] {
    const key = `side ${side}`;
    return [party(this.#entries.get(key) ?? this.#enter(key, side, nowMs), given)];
  }

  #enter(key: string, side: PartySide, nowMs: number): Entry {
    const entry: Entry = { partyId: newId(), side, joinedMs: nowMs, leftMs: null };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Of a participant without a stream: the other of two, else `other`. */
  #freeSide(lines: readonly AssignedLine[]): PartySide {
    const used = new Set([...lines.map(({ side }) => side), ...[...this.#entries.values()].map(({ side }) => side)]);
    return (['caller', 'callee'] as const).find((side) => !used.has(side)) ?? 'other';
  }
}

function party(entry: Entry, given: UndescribedParty): Party {
  const { partyId, side, joinedMs, leftMs } = entry;
  return Object.freeze({ partyId, side, ...given, joinedMs, leftMs });
}

function identityOf({ aor, name }: KnownParticipant): {
  readonly uri: string | null;
  readonly displayName: string | null;
} {
  const displayName = name ?? ((aor === null ? undefined : readAor(aor)?.displayName) || null);
  return { uri: uriOfAor(aor), displayName };
}
