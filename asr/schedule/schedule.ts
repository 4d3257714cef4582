/** A piece of audio that waits for the engine. */
export interface Candidate<Owner> {
  readonly owner: Owner;
  /** `pause`: the text of a turn that may have ended, so that its final is ready when it has. */
  readonly kind: 'final' | 'pause' | 'partial';
  /** Monotonic ms since when it could have been done. */
  readonly sinceMs: number;
  readonly samples: number;
  /** Most of its text is known, so that little of it has to be decoded one token after the other. */
  readonly drafted: boolean;
}

export interface BatchLimits {
  readonly maxRows: number;
  /** Bounds how long one batch keeps the process from its sockets. */
  readonly maxSamples: number;
  /** Of drafted audio: what a batch saves is decoding, and padding and copying cost more than that over long rows. */
  readonly maxDraftedSamples: number;
  /** The longest of a batch over the shortest: all are padded to the longest. */
  readonly maxRatio: number;
}

export const defaultBatchLimits: BatchLimits = {
  maxRows: 8,
  maxSamples: 8000 * 40,
  maxDraftedSamples: 8000 * 20,
  maxRatio: 2,
};

const rank = { final: 0, pause: 1, partial: 2 } as const;

/**
 * What to do next: finals before pauses before partials, among them whoever has waited longest, and with it others of a
 * similar length. Pauses and partials share batches; finals go by themselves, so that they never wait for those. At least
 * one is chosen, however long.
 */
export function chooseBatch<Owner>(
  candidates: readonly Candidate<Owner>[],
  limits: BatchLimits = defaultBatchLimits,
): Candidate<Owner>[] {
  const queue = candidates.toSorted((a, b) => rank[a.kind] - rank[b.kind] || a.sinceMs - b.sinceMs);
  const first = queue[0];
  if (first === undefined) return [];
  const batch = [first];
  let { samples, drafted } = first;
  let [shortest, longest] = [samples, samples];
  for (const next of queue.slice(1)) {
    if (batch.length >= limits.maxRows || (next.kind === 'final') !== (first.kind === 'final')) break;
    const most = drafted || next.drafted ? limits.maxDraftedSamples : limits.maxSamples;
    const [low, high] = [Math.min(shortest, next.samples), Math.max(longest, next.samples)];
    if (samples + next.samples > most || high > low * limits.maxRatio) continue;
    batch.push(next);
    samples += next.samples;
    drafted ||= next.drafted;
    [shortest, longest] = [low, high];
  }
  return batch;
}
