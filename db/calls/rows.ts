import type { Insertable, Selectable } from 'kysely';
import type { Call, CallNote, Finding, Redaction, Utterance } from '#analytics/types.ts';
import type { RecordingReport } from '#media/types.ts';
import type { Party } from '#sip/types.ts';
import type { Schema } from '../schema.ts';

/** Between rows and the objects of analytics/types.ts. */

export function callRow(call: Call, owner: string): Insertable<Schema['calls']> {
  return {
    call_id: call.callId,
    state: call.state,
    started_at: call.startedAt,
    media_started_at: call.mediaStartedAt,
    answered_at: call.answeredAt,
    ended_at: call.endedAt,
    duration_ms: wholeOrNull(call.durationMs),
    answered_ms: wholeOrNull(call.answeredMs),
    source: call.source,
    sip_call_ids: [...call.sipCallIds],
    headers: JSON.stringify(call.headers),
    record: call.record,
    completeness: call.completeness,
    notes: JSON.stringify(call.notes),
    result: call.termination?.result ?? null,
    reason: call.termination?.reason ?? null,
    sip_status: call.termination?.sipStatus ?? null,
    streams: call.streams === null ? null : JSON.stringify(call.streams),
    owner,
  };
}

export function partyRow(callId: string, party: Party, ordinal: number): Insertable<Schema['parties']> {
  return {
    call_id: callId,
    party_id: party.partyId,
    ordinal,
    side: party.side,
    uri: party.uri,
    display_name: party.displayName,
    role: party.role,
    joined_ms: Math.round(party.joinedMs),
    left_ms: wholeOrNull(party.leftMs),
  };
}

export function toCall(row: Selectable<Schema['calls']>, parties: readonly Selectable<Schema['parties']>[]): Call {
  const lost: readonly CallNote[] =
    row.lost_ops === 0
      ? []
      : [{ atMs: null, note: 'rows-lost', detail: `${row.lost_ops} rows found no room while the database was away` }];
  return {
    callId: row.call_id,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    mediaStartedAt: row.media_started_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    durationMs: row.duration_ms,
    answeredMs: row.answered_ms,
    source: row.source,
    sipCallIds: row.sip_call_ids,
    parties: toParties(parties),
    headers: row.headers,
    record: row.record,
    completeness: row.lost_ops === 0 || row.completeness === 'excluded' ? row.completeness : 'partial',
    notes: [...row.notes, ...lost],
    termination:
      row.result === null || row.reason === null
        ? null
        : { result: row.result, reason: row.reason, sipStatus: row.sip_status },
    streams: row.streams,
  };
}

export function toParties(rows: readonly Selectable<Schema['parties']>[]): readonly Party[] {
  return rows
    .toSorted((one, other) => one.ordinal - other.ordinal)
    .map((party) => ({
      partyId: party.party_id,
      side: party.side,
      uri: party.uri,
      displayName: party.display_name,
      role: party.role,
      joinedMs: party.joined_ms,
      leftMs: party.left_ms,
    }));
}

export function utteranceRow(utterance: Utterance): Omit<Insertable<Schema['utterances']>, 'said_at'> {
  return {
    utterance_id: utterance.utteranceId,
    call_id: utterance.callId,
    side: utterance.side,
    party_id: utterance.partyId,
    speaker: utterance.speaker,
    start_ms: Math.round(utterance.startMs),
    end_ms: Math.round(utterance.endMs),
    text: utterance.text,
    words: JSON.stringify(utterance.words),
    confidence: utterance.confidence,
    language: utterance.language,
    sentiment: utterance.sentiment,
    revision: utterance.revision,
  };
}

/** What `toUtterance` needs: all but the search vectors. */
export const utteranceColumns = [
  'utterances.utterance_id',
  'utterances.call_id',
  'utterances.side',
  'utterances.party_id',
  'utterances.speaker',
  'utterances.start_ms',
  'utterances.end_ms',
  'utterances.said_at',
  'utterances.text',
  'utterances.words',
  'utterances.confidence',
  'utterances.language',
  'utterances.sentiment',
  'utterances.revision',
] as const;

export function toUtterance(
  row: Omit<Selectable<Schema['utterances']>, 'search_english' | 'search_simple' | 'said_at'>,
): Utterance {
  return {
    utteranceId: row.utterance_id,
    callId: row.call_id,
    side: row.side,
    partyId: row.party_id,
    speaker: row.speaker,
    startMs: row.start_ms,
    endMs: row.end_ms,
    text: row.text,
    words: row.words,
    confidence: row.confidence,
    language: row.language,
    sentiment: row.sentiment,
    revision: row.revision,
  };
}

export function redactionRow(redaction: Redaction): Insertable<Schema['redactions']> {
  return {
    redaction_id: redaction.redactionId,
    call_id: redaction.callId,
    kind: redaction.kind,
    side: redaction.side,
    start_ms: Math.round(redaction.startMs),
    end_ms: Math.round(redaction.endMs),
    reason: redaction.reason,
  };
}

export function toRedaction(row: Selectable<Schema['redactions']>): Redaction {
  return {
    redactionId: row.redaction_id,
    callId: row.call_id,
    kind: row.kind,
    side: row.side,
    startMs: row.start_ms,
    endMs: row.end_ms,
    reason: row.reason,
  };
}

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

export function recordingRow(callId: string, recording: RecordingReport): Insertable<Schema['recordings']> {
  return {
    call_id: callId,
    path: recording.path,
    peaks_path: recording.peaksPath,
    samples: recording.samples,
    bytes: recording.bytes,
    sha256: recording.sha256,
    silenced: JSON.stringify(recording.silenced),
    unredacted: JSON.stringify(recording.unredacted),
    failure: recording.failure,
  };
}

export function toRecording(row: Selectable<Schema['recordings']>): RecordingReport {
  return {
    path: row.path,
    peaksPath: row.peaks_path,
    samples: row.samples,
    bytes: row.bytes,
    sha256: row.sha256,
    silenced: row.silenced,
    unredacted: row.unredacted,
    failure: row.failure,
  };
}

/** Times may carry fractions of a ms; integer columns refuse them. */
function wholeOrNull(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
