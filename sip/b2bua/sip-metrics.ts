import type { Metrics } from '#lib/metrics.ts';
import type { Termination } from '../types.ts';

/** Series of the calls. What the engine refuses by itself, before it gets here, has its own (engine/core/counters.ts). */
export interface SipMetrics {
  refused(reason: string): void;
  /** Each call is started once and ended once. */
  started(): void;
  ended(termination: Termination): void;
}

export function createSipMetrics(metrics: Metrics): SipMetrics {
  const refused = metrics.counter(
    'sidetone_sip_admission_refusals_total',
    'Requests that are well-formed SIP and were turned away, by why: no call came of them',
    ['reason'],
  );
  const ended = metrics.counter('sidetone_sip_calls_ended_total', 'Calls that ended, by docs/terminations.md', [
    'result',
    'reason',
  ]);
  const active = metrics.gauge('sidetone_sip_calls_active', 'Calls between INVITE and end');
  let count = 0;
  return {
    refused: (reason) => refused.add(1, { reason }),
    started: () => active.set(++count),
    ended: ({ result, reason }) => {
      ended.add(1, { result, reason });
      active.set(--count);
    },
  };
}
