import type { Metrics } from '#lib/metrics.ts';
import type { CallSource, Termination } from '../types.ts';

/** Series of the calls of which we get a copy, by where they come from. */
export interface ForkMetrics {
  refused(source: CallSource, reason: string): void;
  /** Each call is started once and ended once. */
  started(source: CallSource): void;
  ended(source: CallSource, termination: Termination): void;
}

export function createForkMetrics(metrics: Metrics): ForkMetrics {
  const refused = metrics.counter(
    'sidetone_intake_refusals_total',
    'Copies of calls that were turned away before a call came of them, by why',
    ['source', 'reason'],
  );
  const ended = metrics.counter(
    'sidetone_intake_calls_ended_total',
    'Copied calls that ended, by docs/terminations.md',
    ['source', 'result', 'reason'],
  );
  const active = metrics.gauge('sidetone_intake_calls_active', 'Copied calls between announcement and end', ['source']);
  const counts = new Map<CallSource, number>();
  const move = (source: CallSource, by: number): void => {
    const count = (counts.get(source) ?? 0) + by;
    counts.set(source, count);
    active.set(count, { source });
  };
  return {
    refused: (source, reason) => refused.add(1, { source, reason }),
    started: (source) => move(source, 1),
    ended: (source, { result, reason }) => {
      ended.add(1, { source, result, reason });
      move(source, -1);
    },
  };
}
