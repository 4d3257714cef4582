import { cdrStates, type CdrState } from '#analytics/types.ts';
import type { Metrics } from '#lib/metrics.ts';

export function cdrMetrics(metrics: Metrics) {
  const records = metrics.counter('sidetone_assurance_cdr_records_total', 'Records read from CDR files.');
  const badLines = metrics.counter('sidetone_assurance_cdr_bad_lines_total', 'Lines of CDR files that are no records.');
  const unmatched = metrics.counter(
    'sidetone_assurance_cdr_unmatched_total',
    'Answered calls of the PBX that had no call here when they should have.',
  );
  const states = metrics.gauge('sidetone_assurance_cdrs', 'Stored CDRs by what became of them.', ['state']);
  return {
    read: (added: number, bad: number): void => {
      records.add(added);
      badLines.add(bad);
    },
    unmatched: (): void => unmatched.add(),
    state: (counts: Readonly<Record<CdrState, number>>): void => {
      for (const state of cdrStates) states.set(counts[state], { state });
    },
  };
}
