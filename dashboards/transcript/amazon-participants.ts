import { otherSide, partySides, talkSides, type PartySide, type TalkSide } from '#sip/types.ts';
import type { WholeCall } from './amazon.ts';

export type AmazonRole = 'AGENT' | 'CUSTOMER';
/** Contact Lens's ParticipantId. */
export type ParticipantId = AmazonRole | 'OTHER' | 'MIXED';
export interface Participant {
  readonly side: PartySide;
  readonly id: ParticipantId;
  readonly role: AmazonRole;
}

/**
 * Amazon knows agents and customers, SIP callers and callees. Where the role of a party is known it counts, and the
 * other side is the other role; where none is, whoever called is the customer. A third party is a participant of its
 * own in the role that it has, as a customer where none is known; so is one stream that carries all.
 */
export function participantsOf(call: WholeCall): readonly Participant[] {
  const roles = rolesOf(call);
  return sidesOf(call).map((side): Participant => {
    if (side === 'mixed') return { side, id: 'MIXED', role: 'CUSTOMER' };
    if (side !== 'other') return { side, id: roles[side], role: roles[side] };
    const isAgent = call.call.parties.some((party) => party.side === 'other' && party.role === 'agent');
    return { side, id: 'OTHER', role: isAgent ? 'AGENT' : 'CUSTOMER' };
  });
}

/** Caller and callee always, but where one stream carried all; others where they were heard. */
function sidesOf({ metrics, utterances }: WholeCall): readonly PartySide[] {
  const heard = new Set<string>([...Object.keys(metrics?.talkMs ?? {}), ...utterances.map(({ side }) => side)]);
  const isMixed = heard.has('mixed') && talkSides.every((side) => !heard.has(side));
  return partySides.filter((side) => heard.has(side) || (!isMixed && (side === 'caller' || side === 'callee')));
}

function rolesOf({ call: { parties } }: WholeCall): Readonly<Record<TalkSide, AmazonRole>> {
  for (const side of talkSides) {
    const role = parties.find((party) => party.side === side)?.role;
    const other = otherSide(side);
    if (role === 'agent') return { [side]: 'AGENT', [other]: 'CUSTOMER' } as unknown as Record<TalkSide, AmazonRole>;
    if (role === 'customer') return { [side]: 'CUSTOMER', [other]: 'AGENT' } as unknown as Record<TalkSide, AmazonRole>;
  }
  return { caller: 'CUSTOMER', callee: 'AGENT' };
}
