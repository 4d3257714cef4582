import type { Finding } from '#analytics/types.ts';

/** Of a running call, what Sidetone itself has raised and what still lasts: what is over is told of more quietly. */
export function standingAlarms(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ kind, severity }) => kind === 'system' && (severity === 'high' || severity === 'critical'));
}
