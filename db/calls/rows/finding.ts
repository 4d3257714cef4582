import type { Insertable, Selectable } from 'kysely';
import type { Finding } from '#analytics/types.ts';
import type { Schema } from '../../schema.ts';

export function findingRow(finding: Finding): Insertable<Schema['findings']> {
  return {
    finding_id: finding.findingId,
    call_id: finding.callId,
    rule_id: finding.ruleId,
    title: finding.title,
    severity: finding.severity,
    kind: finding.kind,
    side: finding.side,
    start_ms: Math.round(finding.startMs),
    end_ms: Math.round(finding.endMs),
    evidence: finding.evidence,
    utterance_ids: [...finding.utteranceIds],
  };
}

export function toFinding(row: Selectable<Schema['findings']>): Finding {
  return {
    findingId: row.finding_id,
    callId: row.call_id,
    ruleId: row.rule_id,
    title: row.title,
    severity: row.severity,
    kind: row.kind,
    side: row.side,
    startMs: row.start_ms,
    endMs: row.end_ms,
    evidence: row.evidence,
    utteranceIds: row.utterance_ids,
  };
}
