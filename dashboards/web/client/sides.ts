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

/** Everybody who was ever on a side, by name: `Anna, Bob`. In one mixed stream nobody may be known by name. */
export function sideName(parties: readonly Party[], side: PartySide): string {
  const there = parties.filter((party) => party.side === side);
  if (side === 'mixed' && there.every((party) => party.uri === null && party.displayName === null)) return 'everyone';
  if (there.length === 0) return partyName(undefined);
  return [...new Set(there.map(partyName))].join(', ');
}

/** Who was heard on a side at a moment: the party itself where it is known, else who was there then. */
export function speakerName(
  parties: readonly Party[],
  said: { readonly side: PartySide; readonly partyId: string | null; readonly startMs: number },
): string {
  const known = parties.find((party) => party.partyId === said.partyId);
  if (known !== undefined && said.side !== 'mixed') return partyName(known);
  const present = parties.filter(
    ({ side, joinedMs, leftMs }) =>
      side === said.side && joinedMs <= said.startMs && said.startMs <= (leftMs ?? Infinity),
  );
  return sideName(present.length > 0 ? present : parties, said.side);
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
