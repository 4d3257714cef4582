import type { AssuranceReason, AssuranceVerdict } from '#analytics/types.ts';
import type { CallSource } from '#sip/types.ts';
import type { AssuranceCounts, AssuranceSource } from '../types.ts';

/** How many calls of one source, day, verdict and reason there are. */
export interface AssuranceTally {
  readonly source: CallSource;
  readonly sourceName: string;
  readonly day: string;
  readonly verdict: AssuranceVerdict | 'pending';
  readonly reason: AssuranceReason | null;
  readonly count: number;
}

export function countCalls(tallies: readonly AssuranceTally[]): AssuranceCounts {
  const counts = { calls: 0, complete: 0, partial: 0, missing: 0, excluded: 0, pending: 0 };
  for (const { verdict, count } of tallies) {
    counts.calls += count;
    counts[verdict] += count;
  }
  const kept = counts.complete + counts.partial + counts.missing;
  return { ...counts, share: kept === 0 ? null : counts.complete / kept };
}

export function countSources(tallies: readonly AssuranceTally[]): readonly AssuranceSource[] {
  const sources = Map.groupBy(tallies, ({ source, sourceName }) => JSON.stringify([source, sourceName]));
  return [...sources.values()]
    .flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const days = Map.groupBy(own, ({ day }) => day);
      return {
        source: first.source,
        sourceName: first.sourceName,
        ...countCalls(own),
        days: [...days]
          .map(([day, of]) => ({ day, ...countCalls(of) }))
          .toSorted((one, other) => (one.day < other.day ? -1 : 1)),
        reasons: countReasons(own),
      };
    })
    .toSorted((one, other) => one.source.localeCompare(other.source) || one.sourceName.localeCompare(other.sourceName));
}

function countReasons(tallies: readonly AssuranceTally[]): AssuranceSource['reasons'] {
  const reasons = new Map<string, { verdict: AssuranceVerdict; reason: AssuranceReason | null; count: number }>();
  for (const { verdict, reason, count } of tallies) {
    if (verdict !== 'partial' && verdict !== 'missing') continue;
    const known = reasons.get(`${verdict} ${reason}`);
    if (known === undefined) reasons.set(`${verdict} ${reason}`, { verdict, reason, count });
    else known.count += count;
  }
  return [...reasons.values()].toSorted((one, other) => other.count - one.count);
}
