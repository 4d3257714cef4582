/** A piece of audio that waits for the engine. */
export interface Candidate<Owner> {
  readonly owner: Owner;
  /** `pause`: the text of a turn that may have ended, so that its final is ready when it has. */
  readonly kind: 'final' | 'pause' | 'partial';
  /** Monotonic ms since when it could have been done. */
  readonly sinceMs: number;
  readonly samples: number;
}

export interface BatchLimits {
  readonly maxRows: number;
  /** Bounds how long one batch keeps the process from its sockets. */
  readonly maxSamples: number;
}

export const defaultBatchLimits: BatchLimits = { maxRows: 8, maxSamples: 8000 * 24 };

const rank = { final: 0, pause: 1, partial: 2 } as const;

/**
 * What to do next: finals before pauses before partials, and among them whoever has waited longest. Finals and pauses
 * may share a batch; partials go by themselves, so that a final never waits for them. At least one is chosen, however
 * long.
 */
export function chooseBatch<Owner>(
  candidates: readonly Candidate<Owner>[],
  limits: BatchLimits = defaultBatchLimits,
): Candidate<Owner>[] {
  const queue = candidates.toSorted((a, b) => rank[a.kind] - rank[b.kind] || a.sinceMs - b.sinceMs);
  const first = queue[0];
  if (first === undefined) return [];
  const batch = [first];
  let samples = first.samples;
  for (const next of queue.slice(1)) {
    if (batch.length >= limits.maxRows || samples + next.samples > limits.maxSamples) break;
    if ((next.kind === 'partial') !== (first.kind === 'partial')) break;
    batch.push(next);
    samples += next.samples;
  }
  return batch;
}
