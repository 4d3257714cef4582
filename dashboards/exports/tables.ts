import { stringify } from 'csv-stringify/sync';
import type { Utterance } from '#analytics/types.ts';
import type { CallDetail } from '#db/types.ts';

export interface ExportedCall {
  readonly detail: CallDetail;
  readonly utterances: readonly Utterance[];
}

type Cell = string | number | null;
export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  rows(call: ExportedCall): readonly (readonly Cell[])[];
}

/** The CSV files of an export. Times in ms count from the call's first media sample; `..._at` are ISO 8601 UTC. */
export const tables: readonly Table[] = [
  {
    file: 'calls.csv',
    columns: [
      'call_id',
      'state',
      'source',
      'started_at',
      'answered_at',
      'ended_at',
      'duration_ms',
      'caller',
      'callee',
      'result',
      'reason',
      'sip_status',
      'record',
      'completeness',
      'notes',
    ],
    rows: ({ detail: { call } }) => {
      const party = (side: string): string | null => {
        const found = call.parties.find((each) => each.side === side);
        return found?.uri ?? found?.displayName ?? null;
      };
      return [
        [
          call.callId,
          call.state,
          call.source,
          call.startedAt,
          call.answeredAt,
          call.endedAt,
          call.durationMs,
          party('caller'),
          party('callee'),
          call.termination?.result ?? null,
          call.termination?.reason ?? null,
          call.termination?.sipStatus ?? null,
          call.record,
          call.completeness,
          call.notes.map((note) => note.note).join(' '),
        ],
      ];
    },
  },
  {
    file: 'utterances.csv',
    columns: [
      'call_id',
      'utterance_id',
      'side',
      'speaker',
      'start_ms',
      'end_ms',
      'text',
      'confidence',
      'sentiment',
      'language',
      'revision',
    ],
    rows: ({ utterances }) =>
      utterances.map((each) => [
        each.callId,
        each.utteranceId,
        each.side,
        each.speaker,
        each.startMs,
        each.endMs,
        each.text,
        each.confidence,
        each.sentiment,
        each.language,
        each.revision,
      ]),
  },
  {
    file: 'findings.csv',
    columns: [
      'call_id',
      'finding_id',
      'rule_id',
      'title',
      'severity',
      'kind',
      'side',
      'start_ms',
      'end_ms',
      'evidence',
    ],
    rows: ({ detail }) =>
      detail.findings.map((each) => [
        each.callId,
        each.findingId,
        each.ruleId,
        each.title,
        each.severity,
        each.kind,
        each.side,
        each.startMs,
        each.endMs,
        each.evidence,
      ]),
  },
  {
    file: 'redactions.csv',
    columns: ['call_id', 'redaction_id', 'kind', 'side', 'start_ms', 'end_ms', 'reason'],
    rows: ({ detail }) =>
      detail.redactions.map((each) => [
        each.callId,
        each.redactionId,
        each.kind,
        each.side,
        each.startMs,
        each.endMs,
        each.reason,
      ]),
  },
];

/** Rows by RFC 4180. A cell that a spreadsheet would run as a formula is made text. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '';
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true, record_delimiter: 'windows' },
  );
}

/** The whole call as one line of JSON. Where its recording lay on the server is left out; the manifest names the file. */
export function toJsonLine({ detail, utterances }: ExportedCall): string {
  const { call, metrics, findings, redactions, recording } = detail;
  const { path: _path, peaksPath: _peaksPath, ...sound } = recording ?? { path: null, peaksPath: null };
  const line = { ...call, metrics, findings, redactions, recording: recording === null ? null : sound, utterances };
  return `${JSON.stringify(line)}\n`;
}
