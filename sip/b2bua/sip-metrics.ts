import type { Metrics } from '#lib/metrics.ts';
import type { Termination } from '../types.ts';

export interface SipMetrics {
  refused(reason: string): void;
  started(active: number): void;
  ended(termination: Termination, active: number): void;
}

export function createSipMetrics(metrics: Metrics): SipMetrics {
  const refused = metrics.counter(
    'sidetone_sip_requests_refused_total',
    'Requests refused before a call came of them',
    ['reason'],
  );
  const ended = metrics.counter('sidetone_sip_calls_total', 'Calls that ended', ['result', 'reason']);
  const active = metrics.gauge('sidetone_sip_active_calls', 'Calls between INVITE and end');
  return {
    refused: (reason) => refused.add(1, { reason }),
    started: (count) => active.set(count),
    ended: ({ result, reason }, count) => {
      ended.add(1, { result, reason });
      active.set(count);
    },
  };
}
