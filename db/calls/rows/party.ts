import type { Insertable, Selectable } from 'kysely';
import type { Party } from '#sip/types.ts';
import type { Schema } from '../../schema.ts';
import { wholeOrNull } from './numbers.ts';

export function partyRow(callId: string, party: Party, ordinal: number): Insertable<Schema['parties']> {
  return {
    call_id: callId,
    party_id: party.partyId,
    ordinal,
    side: party.side,
    uri: party.uri,
    display_name: party.displayName,
    role: party.role,
    joined_ms: Math.round(party.joinedMs),
    left_ms: wholeOrNull(party.leftMs),
  };
}

export function toParties(rows: readonly Selectable<Schema['parties']>[]): readonly Party[] {
  return rows
    .toSorted((one, other) => one.ordinal - other.ordinal)
    .map((party) => ({
      partyId: party.party_id,
      side: party.side,
      uri: party.uri,
      displayName: party.display_name,
      role: party.role,
      joinedMs: party.joined_ms,
      leftMs: party.left_ms,
    }));
}
