import { unit, type SpeakerModel } from '../types.ts';
import { agglomerate, type Atom } from './agglomerate.ts';

/** Above, atoms are joined to half as many before more come: it bounds the time of a clustering (20 ms). */
const mostAtoms = 300;

export interface ClusterOptions {
  /** Mean cosine under which two groups of vectors are two voices. */
  readonly sameVoice: number;
  readonly mostSpeakers: number;
  /** A group of fewer vectors is no voice of its own, unless there is none with more. */
  readonly leastVectors: number;
}

export function clusterOptions(model: Pick<SpeakerModel, 'sameVoice'>): ClusterOptions {
  return { sameVoice: model.sameVoice, mostSpeakers: 8, leastVectors: 3 };
}

/**
 * The voices of one stream, found by clustering all its vectors anew each time. Vectors join into atoms as they become
 * many, so an hour costs what minutes cost; the vectors themselves are not kept.
 */
export class Voices {
  readonly #options: ClusterOptions;
  #atoms: Atom[] = [];

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  add(vector: Float32Array): void {
    this.#atoms.push({ sum: vector.slice(), count: 1 });
    if (this.#atoms.length <= mostAtoms) return;
    this.#atoms = joined(
      this.#atoms,
      agglomerate(this.#atoms, { stopAt: -1, most: mostAtoms / 2, least: mostAtoms / 2 }),
    );
  }

  /** The middle of each voice, a vector of length 1. */
  find(): readonly Float32Array[] {
    const { sameVoice, mostSpeakers, leastVectors } = this.#options;
    const groups = joined(this.#atoms, agglomerate(this.#atoms, { stopAt: sameVoice, most: mostSpeakers }));
    const large = groups.filter((group) => group.count >= leastVectors);
    return (large.length > 0 ? large : groups).map((group) => unit(group.sum.slice()));
  }
}

function joined(atoms: readonly Atom[], groups: Int32Array): Atom[] {
  return [...Map.groupBy(atoms, (_, index) => groups[index] ?? 0).values()].map((members) => {
    const sum = new Float32Array(members[0]?.sum.length ?? 0);
    let count = 0;
    for (const member of members) {
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (member.sum[i] ?? 0);
      count += member.count;
    }
    return { sum, count };
  });
}
