import { partySides, type Party, type PartySide } from '#sip/types.ts';
import { partyName } from './format.ts';

/** Each side once, in the order in which pages show them: caller, callee, other, mixed. */
export function inOrder(sides: Iterable<string>): readonly PartySide[] {
  const there = new Set(sides);
  return partySides.filter((side) => there.has(side));
}

/** Of figures by side, those that are there. */
export function bySideInOrder<Value>(
  figures: Readonly<Partial<Record<PartySide, Value>>>,
): readonly (readonly [side: PartySide, value: Value])[] {
  return partySides.flatMap((side) => {
    const value = figures[side];
    return value === undefined ? [] : [[side, value] as const];
  });
}

function isNamed({ uri, displayName }: Party): boolean {
  return uri !== null || displayName !== null;
}

/**
 * Everybody who was ever on a side, by name: `Anna, Bob`. Where nobody in the call is known by name (a recording, a bare
 * stream) that is the side itself; of one stream for all, `everyone`.
 */
export function sideName(parties: readonly Party[], side: PartySide): string {
  const there = parties.filter((party) => party.side === side);
  if (side === 'mixed' && !there.some(isNamed)) return 'everyone';
  if (there.length > 0 && !parties.some(isNamed)) return side;
  return there.length === 0 ? partyName(undefined) : [...new Set(there.map(partyName))].join(', ');
}

/** `Anna (callee)`; the side alone where nobody is known by name. */
export function partyAndSide(parties: readonly Party[], party: Party): string {
  return parties.some(isNamed) ? `${partyName(party)} (${party.side})` : party.side;
}

/** Who was heard on a side at a moment: the party itself where it is known, else who was there then. */
export function speakerName(
  parties: readonly Party[],
  said: { readonly side: PartySide; readonly partyId: string | null; readonly startMs: number },
): string {
  const known = parties.find((party) => party.partyId === said.partyId);
  if (known !== undefined && isNamed(known) && said.side !== 'mixed') return partyName(known);
  const absent = parties.filter(
    ({ side, joinedMs, leftMs }) =>
      side === said.side && (said.startMs < joinedMs || said.startMs > (leftMs ?? Infinity)),
  );
  const rest = parties.filter((party) => !absent.includes(party));
  return sideName(rest.some(({ side }) => side === said.side) ? rest : parties, said.side);
}

/** Who talked to whom, in pieces: what stands before a name, the name, its side. */
export function namesBySide(
  parties: readonly Party[],
): readonly { readonly side: PartySide; readonly before: string; readonly name: string }[] {
  const others = inOrder(parties.map((party) => party.side)).filter((side) => side === 'other' || side === 'mixed');
  const isMixedAlone = others.includes('mixed') && parties.every((party) => party.side === 'mixed');
  const sides: readonly PartySide[] = isMixedAlone ? ['mixed'] : ['caller', 'callee', ...others];
  return sides.map((side, index) => ({
    side,
    before: index === 0 ? '' : side === 'callee' ? ' → ' : ' + ',
    name: sideName(parties, side),
  }));
}

/** `Dana → Anna + Bob`. */
export function whoTalked(parties: readonly Party[]): string {
  return namesBySide(parties)
    .map(({ before, name }) => before + name)
    .join('');
}
