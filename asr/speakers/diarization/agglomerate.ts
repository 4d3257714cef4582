import { dot } from '../types.ts';

/** Vectors of length 1 that are taken together: their sum, and how many they are. */
export interface Atom {
  readonly sum: Float32Array;
  readonly count: number;
}

/**
 * Joins the two groups whose members are most alike (mean cosine of all pairs), again and again, until no two are as
 * alike as `stopAt` and there are no more than `most` groups, or no more than `least`. Returns the group of each atom,
 * numbered from 0. Quadratic in memory and cubic in time: for some hundred atoms.
 */
export function agglomerate(
  atoms: readonly Atom[],
  { stopAt, most, least = 1 }: { readonly stopAt: number; readonly most: number; readonly least?: number },
): Int32Array {
  const n = atoms.length;
  const likeness = likenessOf(atoms);
  const counts = Float64Array.from(atoms, (atom) => atom.count);
  const group = Int32Array.from({ length: n }, (_, i) => i);
  const alive = Array.from({ length: n }, (_, i) => i);
  while (alive.length > Math.max(1, least)) {
    const [a, b, best] = closest(alive, likeness, n);
    if (best < stopAt && alive.length <= most) break;
    const [weightA, weightB] = [counts[a] ?? 0, counts[b] ?? 0];
    for (const other of alive) {
      if (other === a || other === b) continue;
      const joint =
        (weightA * (likeness[a * n + other] ?? 0) + weightB * (likeness[b * n + other] ?? 0)) / (weightA + weightB);
      likeness[a * n + other] = joint;
      likeness[other * n + a] = joint;
    }
    counts[a] = weightA + weightB;
    alive.splice(alive.indexOf(b), 1);
    for (let i = 0; i < n; i++) if (group[i] === b) group[i] = a;
  }
  return group.map((root) => alive.indexOf(root));
}

function likenessOf(atoms: readonly Atom[]): Float32Array {
  const n = atoms.length;
  const likeness = new Float32Array(n * n);
  atoms.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = atoms[j];
      if (b === undefined) continue;
      const mean = dot(a.sum, b.sum) / (a.count * b.count);
      likeness[i * n + j] = mean;
      likeness[j * n + i] = mean;
    }
  });
  return likeness;
}

function closest(alive: readonly number[], likeness: Float32Array, n: number): [number, number, number] {
  let found: [number, number, number] = [alive[0] ?? 0, alive[1] ?? 0, -Infinity];
  for (let i = 0; i < alive.length; i++) {
    const a = alive[i] ?? 0;
    for (let j = i + 1; j < alive.length; j++) {
      const b = alive[j] ?? 0;
      const value = likeness[a * n + b] ?? 0;
      if (value > found[2]) found = [a, b, value];
    }
  }
  return found;
}
