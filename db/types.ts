import type { CallArchive, CallStore, CdrStore, SecondPassStore, SpeakerStore } from '#analytics/types.ts';
import type { IngestEntry, IngestLedger } from '#media/types.ts';
import type { KeyStore, SessionStore, UserStore } from './types/access.ts';
import type { AssuranceReader } from './types/assurance.ts';
import type { AuditLog } from './types/audit.ts';
import type { CallReader } from './types/calls.ts';
import type { ExportStore } from './types/exports.ts';
import type { PhraseStore } from './types/phrases.ts';
import type { UtteranceReader } from './types/search.ts';

export * from './types/access.ts';
export type * from './types/assurance.ts';
export * from './types/audit.ts';
export type * from './types/page.ts';
export * from './types/calls.ts';
export * from './types/exports.ts';
export type * from './types/phrases.ts';
export type * from './types/search.ts';

/**
 * What db/ offers to pages, API and command line. Every method that reads or writes the database rejects with
 * SidetoneError `database-unavailable` while it is away; only `store.write` works at all times. Times `...At` are
 * ISO 8601 UTC with milliseconds.
 */
export interface Database {
  /** Write-ahead: takes ops at all times, see analytics/types.ts. */
  readonly store: CallStore;
  readonly calls: CallReader;
  readonly utterances: UtteranceReader;
  readonly audit: AuditLog;
  readonly users: UserStore;
  readonly keys: KeyStore;
  readonly sessions: SessionStore;
  readonly exports: ExportStore;
  /** What the PBX says of its calls. */
  readonly cdrs: CdrStore;
  /** Whose voices are enrolled. */
  readonly speakers: SpeakerStore;
  readonly assurance: AssuranceReader;
  /** What became of files that were handed in. */
  readonly ingest: IngestLedger & HandedInStore;
  /** Names and terms of all calls, as people have added them. */
  readonly phrases: PhraseStore;
  /** Ended calls whose turns are still to be recognised again. */
  readonly secondPasses: SecondPassStore;
  /** Ended calls, to be put right. */
  readonly archive: CallArchive;
  /** Connected, migrated, the journal's leftovers stored and dead calls closed. */
  readonly ready: boolean;
  /** Resolves when next (or already) ready; rejects with `database-unavailable` when closed before. */
  whenReady(): Promise<void>;
  /** Some exports are gone now, because of what has happened to a call in them: their files are the listener's to remove. */
  onExportsGone(listener: () => void): () => void;
  /** Each change of `ready`, until the returned function is called. */
  onReadiness(listener: (event: ReadinessEvent) => void): () => void;
  status(): DatabaseStatus;
  /** Waits until everything taken by `store.write` before the call is in the database. Rejects with `database-unavailable` when that takes longer than `timeoutMs` (default 10,000): it is still in the journal. */
  flush(timeoutMs?: number): Promise<void>;
  /** Flushes if the database is there, closes pool and child. What could not be flushed stays in the journal. */
  close(): Promise<void>;
}

/** Which calls of files the audit log has still to say of who handed them in: the entry knows, whatever happens meanwhile. */
export interface HandedInStore {
  /** Entries of this server with such calls, the oldest first; a hundred at the most. */
  unrecorded(): Promise<readonly { readonly entry: IngestEntry; readonly callIds: readonly string[] }[]>;
  /** The row of that call is committed. */
  recorded(sha256: string, callId: string): Promise<void>;
}

export interface ReadinessEvent {
  readonly ready: boolean;
  /** Calls of an earlier process that were closed as `server-restarted` on the way to ready. */
  readonly closedCallIds: readonly string[];
}

export interface DatabaseStatus {
  readonly mode: 'pglite' | 'postgres';
  /** `connecting`: not been ready yet; `away`: was ready before. */
  readonly state: 'connecting' | 'ready' | 'away' | 'closed';
  readonly sinceEpochMs: number;
  /** Message of what keeps it from being ready, without host names, credentials or content; null when ready. */
  readonly trouble: string | null;
  readonly journal: JournalStatus;
  /**
   * On each connect the chain's head is held against the file outside the database; then the rows themselves are checked
   * in the background. `intact`: neither has found anything wrong so far.
   */
  readonly audit: 'unchecked' | 'intact' | 'broken';
  /** What is wrong with the audit log, in one sentence for people; null unless `broken`. */
  readonly auditTrouble: string | null;
  /** Rows of the audit log that the background check has found right, from the first on. */
  readonly auditVerifiedTo: number;
  readonly pgliteRestarts: number;
}

export interface JournalStatus {
  readonly pendingOps: number;
  readonly pendingBytes: number;
  readonly limitBytes: number;
  /** Ops lost because the journal was full or its disk refused, since start. */
  readonly overflowedOps: number;
  /** Calls that lost ops, the latest 100. */
  readonly overflowedCallIds: readonly string[];
  /** Ops that the database refused for good, set aside under journal/refused, since start. */
  readonly refusedOps: number;
  /** Damaged records (torn tail after a crash) skipped when reading leftovers. */
  readonly damagedRecords: number;
}
