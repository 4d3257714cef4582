import { otherSide, talkSides, type Party, type PartySide, type TalkSide } from '#sip/types.ts';

export type AmazonRole = 'AGENT' | 'CUSTOMER';
export type RolesBySide = Readonly<Record<TalkSide, AmazonRole>>;

/**
 * Amazon knows agents and customers, SIP callers and callees. Where the role of a party is known it counts, and the
 * other side is the other role; where none is, whoever called is the customer.
 */
export function rolesOf(parties: readonly Party[]): RolesBySide {
  for (const side of talkSides) {
    const role = parties.find((party) => party.side === side)?.role;
    const other = otherSide(side);
    if (role === 'agent') return { [side]: 'AGENT', [other]: 'CUSTOMER' } as unknown as RolesBySide;
    if (role === 'customer') return { [side]: 'CUSTOMER', [other]: 'AGENT' } as unknown as RolesBySide;
  }
  return { caller: 'CUSTOMER', callee: 'AGENT' };
}

/** A third party, or a stream that carries all, has no role of its own: it counts as the customer's. */
export function roleOf(roles: RolesBySide, side: PartySide): AmazonRole {
  return side === 'caller' || side === 'callee' ? roles[side] : 'CUSTOMER';
}
