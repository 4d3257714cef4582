import type { ApiKeysTable, LoginLinksTable, SessionsTable, UsersTable } from './schema/access.ts';
import type { CdrFilesTable, CdrRecordsTable } from './schema/assurance.ts';
import type {
  CallMetricsTable,
  CallSideMetricsTable,
  CallsTable,
  CleaningsTable,
  FindingsTable,
  PartiesTable,
  RecordingsTable,
  RedactionsTable,
  SecondPassesTable,
  UtteranceRevisionsTable,
  UtterancesTable,
  WordCorrectionsTable,
} from './schema/calls.ts';
import type { AuditHeadTable, AuditLogTable, ExportCallsTable, ExportsTable } from './schema/evidence.ts';
import type { IngestLedgerTable } from './schema/ingest.ts';
import type { PhrasesTable } from './schema/phrases.ts';
import type { SpeakersTable } from './schema/speakers.ts';

/**
 * The tables as kysely sees them. Written by hand; schema.integration.test.ts holds what is here and in schema/ to the
 * migrated database.
 */
export interface Schema {
  calls: CallsTable;
  parties: PartiesTable;
  utterances: UtterancesTable;
  utterance_revisions: UtteranceRevisionsTable;
  word_corrections: WordCorrectionsTable;
  second_passes: SecondPassesTable;
  phrases: PhrasesTable;
  speakers: SpeakersTable;
  findings: FindingsTable;
  redactions: RedactionsTable;
  call_metrics: CallMetricsTable;
  call_side_metrics: CallSideMetricsTable;
  recordings: RecordingsTable;
  cleanings: CleaningsTable;
  ingest_ledger: IngestLedgerTable;
  cdr_files: CdrFilesTable;
  cdr_records: CdrRecordsTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  login_links: LoginLinksTable;
  exports: ExportsTable;
  export_calls: ExportCallsTable;
}
