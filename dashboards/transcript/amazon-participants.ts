import type { Utterance } from '#analytics/types.ts';
import { otherSide, partySides, talkSides, type PartySide, type TalkSide } from '#sip/types.ts';
import type { WholeCall } from './amazon.ts';

export type AmazonRole = 'AGENT' | 'CUSTOMER';
/** Contact Lens's ParticipantId. */
export type ParticipantId = AmazonRole | 'OTHER' | 'MIXED' | `SPEAKER_${string}`;
export interface Participant {
  readonly side: PartySide;
  /** One of those who share the side; null: whoever speaks there. */
  readonly label: string | null;
  readonly id: ParticipantId;
  readonly role: AmazonRole;
}

/**
 * Amazon knows agents and customers, SIP callers and callees. Where the role of a party is known it counts, and the
 * other side is the other role; where none is, whoever called is the customer. A third party is a participant of its
 * own in the role that it has, as a customer where none is known. So is one stream that carries all, or each of those who
 * share it where they are told apart: an agent who is known by an enrolled voice, as a customer who is not.
 */
export function participantsOf(call: WholeCall): readonly Participant[] {
  const roles = rolesOf(call);
  return sidesOf(call).flatMap((side): readonly Participant[] => {
    if (side === 'mixed') return sharing(call);
    if (side !== 'other') return [{ side, label: null, id: roles[side], role: roles[side] }];
    const isAgent = call.call.parties.some((party) => party.side === 'other' && party.role === 'agent');
    return [{ side, label: null, id: 'OTHER', role: isAgent ? 'AGENT' : 'CUSTOMER' }];
  });
}

/** Whose an utterance is: its speaker's where such a one takes part, else its side's. */
export function participantOf<Part extends Pick<Participant, 'side' | 'label'>>(
  { side, voice }: Utterance,
  participants: readonly Part[],
): Part | undefined {
  const there = participants.filter((participant) => participant.side === side);
  return (
    there.find(({ label }) => label !== null && label === voice?.label) ?? there.find(({ label }) => label === null)
  );
}

function sharing({ utterances }: WholeCall): readonly Participant[] {
  const mixed = utterances.filter(({ side }) => side === 'mixed');
  const byLabel = Map.groupBy(mixed, ({ voice }) => voice?.label ?? null);
  const nobody = byLabel.has(null) || byLabel.size === 0;
  const labels = [...byLabel.keys()].filter((label) => label !== null).sort((a, b) => Number(a) - Number(b));
  const speakers = labels.map((label): Participant => {
    const isAgent = byLabel.get(label)?.some(({ voice }) => (voice?.match ?? null) !== null) === true;
    return { side: 'mixed', label, id: `SPEAKER_${label}`, role: isAgent ? 'AGENT' : 'CUSTOMER' };
  });
  return nobody ? [...speakers, { side: 'mixed', label: null, id: 'MIXED', role: 'CUSTOMER' }] : speakers;
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
