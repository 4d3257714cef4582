import { stringify } from 'csv-stringify/sync';
import { recordingAnswer } from '../api/answers.ts';
import { callsTable, streamsTable } from './call-tables.ts';
import type { Cell, ExportedCall, Table } from './table.ts';

/**
 * The CSV files of an export. Times in ms count from the call's first media sample; `..._at` are ISO 8601 UTC. Programs
 * read these by position too: a new column comes after those that there are.
 */
export const tables: readonly Table[] = [
  callsTable,
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
      'text_by',
      'voice',
      'others_speak_too',
      'known_by_voice',
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
        each.textBy ?? 'recogniser',
        each.voice?.label ?? null,
        each.voice?.overlaps ?? null,
        each.voice === undefined ? null : each.voice.match !== null,
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
  streamsTable,
];

/** Rows by RFC 4180. A cell that a spreadsheet would run as a formula is made text. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '';
  return stringify(
    rows.map((row) => row.map((cell) => (typeof cell === 'boolean' ? String(cell) : cell))),
    { escape_formulas: true, record_delimiter: 'windows' },
  );
}

/** The whole call as one line of JSON. Where its recording lay on the server is left out; the manifest names the file. */
export function toJsonLine({ detail, utterances }: ExportedCall): string {
  const { call, metrics, findings, redactions, recording } = detail;
  const sound = recording === null ? null : recordingAnswer(call, recording);
  const line = { ...call, metrics, findings, redactions, recording: sound, utterances };
  return `${JSON.stringify(line)}\n`;
}
