import { newId } from '#lib/ids.ts';
import { partySides, type Party, type PartySide } from '#sip/types.ts';
import type { StreamPeople, StreamPerson } from '../types.ts';

export const nobodyKnown: StreamPeople = { caller: null, callee: null };

/** A number or SIP URI as Party has it (no parameters, no password); anything else is a name. Null: nothing said. */
export function personOf(text: string | null | undefined): StreamPerson | null {
  const trimmed = text?.trim().slice(0, 256) ?? '';
  if (trimmed === '' || /^(anonymous|unknown|restricted|private|withheld)$/i.test(trimmed)) return null;
  const number = /^(?:tel:)?(\+?[\d*#().\s-]{2,})(?:;.*)?$/i.exec(trimmed)?.[1]?.replaceAll(/[().\s-]/g, '');
  if (number !== undefined && number !== '') return { uri: `tel:${number}`, displayName: null };
  const [, user, host] = /^(?:sips?:)?([^@:;\s<>"]+)(?::[^@]*)?@([^;?\s<>"]+)/i.exec(trimmed) ?? [];
  if (user !== undefined && host !== undefined) return { uri: `sip:${user}@${host}`, displayName: null };
  return { uri: null, displayName: trimmed };
}

/**
 * The parties of a streamed call: whoever is known, and an unknown one for each side that has sound. Where one stream
 * carries all, they are all on it.
 */
export class StreamParties {
  readonly #parties = new Map<PartySide, Party>();
  #known: StreamPeople = nobodyKnown;

  /** What a further socket of the call knows counts where nothing was known. */
  learn({ caller, callee }: StreamPeople): void {
    this.#known = { caller: this.#known.caller ?? caller, callee: this.#known.callee ?? callee };
  }

  list(sides: ReadonlySet<PartySide>, nowMs: number): readonly Party[] {
    const mixedAlone = sides.has('mixed') && sides.size === 1;
    for (const side of ['caller', 'callee'] as const) {
      const person = this.#known[side];
      if (person !== null || sides.has(side)) this.#put(side, mixedAlone ? 'mixed' : side, person, nowMs);
    }
    if (sides.has('other')) this.#put('other', 'other', null, nowMs);
    const onMixed = [...this.#parties.values()].some(({ side }) => side === 'mixed');
    if (sides.has('mixed') && !onMixed) this.#put('mixed', 'mixed', null, nowMs);
    return Object.freeze(partySides.flatMap((who) => this.#parties.get(who) ?? []));
  }

  #put(who: PartySide, side: PartySide, person: StreamPerson | null, nowMs: number): void {
    const before = this.#parties.get(who);
    this.#parties.set(
      who,
      Object.freeze({
        partyId: before?.partyId ?? newId(),
        side,
        uri: person?.uri ?? before?.uri ?? null,
        displayName: person?.displayName ?? before?.displayName ?? null,
        role: 'unknown',
        joinedMs: before?.joinedMs ?? nowMs,
        leftMs: null,
      }),
    );
  }
}
