import type { Metrics } from '#lib/metrics.ts';
import type { NgCommand } from './ng.ts';

export interface NgMetrics {
  up(isUp: boolean): void;
  asked(command: NgCommand, result: 'ok' | 'error' | 'no-answer'): void;
  retransmitted(): void;
  malformed(): void;
}

export function ngMetrics(metrics: Metrics): NgMetrics {
  const up = metrics.gauge('sidetone_sip_rtpengine_up', 'rtpengine answers: 1, does not: 0');
  const asked = metrics.counter('sidetone_sip_rtpengine_requests_total', 'Questions to rtpengine', [
    'command',
    'result',
  ]);
  const again = metrics.counter('sidetone_sip_rtpengine_retransmissions_total', 'Questions to rtpengine sent again');
  const malformed = metrics.counter(
    'sidetone_sip_rtpengine_malformed_total',
    'Datagrams from the address of rtpengine that are no answer of the ng protocol',
  );
  return {
    up: (isUp) => up.set(isUp ? 1 : 0),
    asked: (command, result) => asked.add(1, { command: command.replaceAll(' ', '-'), result }),
    retransmitted: () => again.add(),
    malformed: () => malformed.add(),
  };
}
