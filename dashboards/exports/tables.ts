import { stringify } from 'csv-stringify/sync';
import type { Call, Utterance } from '#analytics/types.ts';
import type { CallDetail } from '#db/types.ts';
import { samplesToMs } from '#media/types.ts';
import { partySides } from '#sip/types.ts';
import { recordingAnswer } from '../api/answers.ts';

export interface ExportedCall {
  readonly detail: CallDetail;
  readonly utterances: readonly Utterance[];
}

type Cell = string | number | boolean | null;
export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  rows(call: ExportedCall): readonly (readonly Cell[])[];
}

/**
 * The CSV files of an export. Times in ms count from the call's first media sample; `..._at` are ISO 8601 UTC. Programs
 * read these by position too: a new column comes after those that there are.
 */
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
      'source_name',
      'others',
      'completeness_reason',
      'sides_swapped',
      'pauses',
      'paused_ms',
    ],
    rows: ({ detail: { call } }) => {
      return [
        [
          call.callId,
          call.state,
          call.source,
          call.startedAt,
          call.answeredAt,
          call.endedAt,
          call.durationMs,
          namesOf(call, ['caller'])[0] ?? null,
          namesOf(call, ['callee'])[0] ?? null,
          call.termination?.result ?? null,
          call.termination?.reason ?? null,
          call.termination?.sipStatus ?? null,
          call.record,
          call.completeness,
          call.notes.map((note) => note.note).join(' '),
          call.sourceName,
          namesOf(call, ['other', 'mixed']).join('; '),
          call.assurance?.reason ?? null,
          call.sidesSwapped,
          call.pauses.length,
          pausedMs(call),
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
  {
    file: 'streams.csv',
    columns: [
      'call_id',
      'side',
      'packets',
      'lost_packets',
      'jitter_mean_ms',
      'jitter_max_ms',
      'mos',
      'gaps',
      'expected_ms',
      'heard_ms',
      'silent_ms',
      'verdict',
      'reason',
    ],
    rows: ({ detail: { call } }) =>
      partySides.flatMap((side) => {
        const report = call.streams?.[side];
        const assured = call.assurance?.streams.find((each) => each.side === side);
        if (report === undefined && assured === undefined) return [];
        return [
          [
            call.callId,
            side,
            report?.packets ?? null,
            report?.lostPackets ?? null,
            report?.jitterMeanMs ?? null,
            report?.jitterMaxMs ?? null,
            report?.mos ?? null,
            report?.gaps ?? null,
            assured?.expectedMs ?? null,
            assured?.heardMs ?? null,
            assured?.silentMs ?? null,
            assured?.verdict ?? null,
            assured?.reason ?? null,
          ],
        ];
      }),
  },
];

/** Of everybody who was ever on these sides. */
function namesOf({ parties }: Call, sides: readonly string[]): readonly string[] {
  return parties.filter(({ side }) => sides.includes(side)).map(({ uri, displayName }) => uri ?? displayName ?? '');
}

/** A pause that was still open at the end counts to where the last stream ended. */
function pausedMs({ pauses, streams }: Call): number {
  const ends = Object.values(streams ?? {}).map(({ endSample }) => samplesToMs(endSample ?? 0));
  return pauses.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, (toMs ?? Math.max(0, ...ends)) - fromMs), 0);
}

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
