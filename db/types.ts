import type { Call, CallMetrics, CallStore, Finding, Redaction, Severity, Utterance } from '#analytics/types.ts';
import type { RecordingReport } from '#media/types.ts';
import type { CallState, PartySide, TalkSide } from '#sip/types.ts';

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
  /** Connected, migrated, the journal's leftovers stored and dead calls closed. */
  readonly ready: boolean;
  /** Resolves when next (or already) ready; rejects with `database-unavailable` when closed before. */
  whenReady(): Promise<void>;
  /** Some exports are gone now, because a call in them was redacted late: their files are the listener's to remove. */
  onExportsGone(listener: () => void): () => void;
  /** Each change of `ready`, until the returned function is called. */
  onReadiness(listener: (event: ReadinessEvent) => void): () => void;
  status(): DatabaseStatus;
  /** Waits until everything taken by `store.write` before the call is in the database. Rejects with `database-unavailable` when that takes longer than `timeoutMs` (default 10,000): it is still in the journal. */
  flush(timeoutMs?: number): Promise<void>;
  /** Flushes if the database is there, closes pool and child. What could not be flushed stays in the journal. */
  close(): Promise<void>;
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

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give back as `after` for the next page; null at the end. Opaque; a wrong one is `bad-request`. */
  readonly next: string | null;
}
export interface PageRequest {
  /** 1 to 200; default 50. Out of range is `bad-request`. */
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

// ---- Calls ---------------------------------------------------------------------------------------------------------

export const sentimentBands = ['negative', 'neutral', 'positive'] as const;
/** Mean of utterances of a side: at most -0.5, between, at least +0.5. */
export type SentimentBand = (typeof sentimentBands)[number];

/**
 * All must hold. `side` narrows party, rule, minSeverity, sentiment and text to that side; by itself: that side said
 * something.
 */
export interface CallFilter extends PageRequest {
  /** Started at or after / before: ISO 8601. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Part of a party's URI or display name, letter case ignored. */
  readonly party?: string | undefined;
  readonly side?: PartySide | undefined;
  readonly rule?: string | undefined;
  readonly minSeverity?: Severity | undefined;
  readonly sentiment?: SentimentBand | undefined;
  readonly state?: CallState | undefined;
  /** One of the call's SIP Call-IDs, whole. */
  readonly sipCallId?: string | undefined;
  /** websearch syntax; some utterance of the call matches. */
  readonly text?: string | undefined;
}

export interface CallListItem {
  readonly call: Call;
  readonly findings: number;
  readonly worstSeverity: Severity | null;
  /** Mean of utterances per side; null until metrics are stored. */
  readonly sentiment: Readonly<Record<TalkSide, number | null>> | null;
  readonly utterances: number;
  readonly hasRecording: boolean;
}

export interface CallDetail {
  readonly call: Call;
  readonly metrics: CallMetrics | null;
  /** By start. */
  readonly findings: readonly Finding[];
  readonly redactions: readonly Redaction[];
  readonly recording: RecordingReport | null;
}

export interface CallReader {
  /** Newest first. @throws SidetoneError `bad-request` */
  list(filter: CallFilter): Promise<Page<CallListItem>>;
  get(callId: string): Promise<CallDetail | undefined>;
  /** By start; empty also when there is no such call. */
  transcript(callId: string): Promise<readonly Utterance[]>;
  findings(callId: string): Promise<readonly Finding[]>;
  metrics(callId: string): Promise<CallMetrics | undefined>;
  recording(callId: string): Promise<RecordingReport | undefined>;
  /**
   * Removes every row of the call and what the journal holds of it, and cleans the pages; later writes of this process
   * to it are dropped. The files of its recording are the caller's to remove. False: no such call.
   */
  remove(callId: string): Promise<boolean>;
}

// ---- Search --------------------------------------------------------------------------------------------------------

/** `q` in websearch syntax (words, "phrases", or, -not), its digit runs already masked by the caller. */
export interface SearchQuery extends PageRequest {
  readonly q: string;
  readonly side?: PartySide | undefined;
  /** Said at or after / before: ISO 8601. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly callId?: string | undefined;
  /** `time` (default): newest first, paged. `relevance`: the best of the newest 2,000 matches, one page. */
  readonly order?: 'time' | 'relevance' | undefined;
}

export interface SearchHit {
  readonly utterance: Utterance;
  /** When it was said. */
  readonly saidAt: string;
  readonly callStartedAt: string;
  /** Of the call. */
  readonly parties: Call['parties'];
  /** Character ranges (UTF-16, end excluded) of `utterance.text` that match; in order, never overlapping. */
  readonly highlights: readonly Highlight[];
}
export interface Highlight {
  readonly startChar: number;
  readonly endChar: number;
}

interface UtteranceReader {
  /** A query of nothing but negations or punctuation matches nothing. @throws SidetoneError `bad-request` */
  search(query: SearchQuery): Promise<Page<SearchHit>>;
}

// ---- Audit ---------------------------------------------------------------------------------------------------------

export const actorKinds = ['user', 'key', 'system', 'first-start-key', 'cli'] as const;
export type ActorKind = (typeof actorKinds)[number];
export interface Actor {
  readonly kind: ActorKind;
  /** userId or keyId; a constant word for `system` and `cli`. */
  readonly id: string;
  readonly name: string;
}
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface AuditEntry {
  readonly actor: Actor;
  /** kebab-case: `call-opened`, `search-run`, `export-made` ... */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string } | null;
  readonly detail: Json;
  readonly sourceIp: string | null;
  readonly atEpochMs: number;
  readonly outcome: 'allowed' | 'refused';
}
export interface AuditRow {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Null: the content was erased; the chain still holds. */
  readonly entry: AuditEntry | null;
  /** Hex. */
  readonly hash: string;
}
export interface AuditFilter extends PageRequest {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly targetId?: string | undefined;
}

/** What was checked; when something is wrong, the first row that is, and what is wrong with it. */
export type AuditVerdict = {
  readonly rows: number;
  readonly firstSequence: number | null;
  readonly lastSequence: number | null;
  readonly erasedRows: number;
  /** Rows newer than the head kept outside the database (a crash between the two); their signatures verify. */
  readonly rowsPastOutsideHead: number;
  /** `absent` is right only for an empty log. */
  readonly outsideHead: 'matches' | 'behind' | 'absent' | 'wrong';
  readonly headSignature: 'valid' | 'invalid' | 'absent';
} & (
  | { readonly intact: true }
  | {
      readonly intact: false;
      /** Sequence of the first wrong or missing row; null when no row can be named. */
      readonly firstWrongSequence: number | null;
      readonly problem: AuditProblem;
      /** One sentence for people. */
      readonly explanation: string;
    }
);
export type AuditProblem =
  | 'row-missing'
  | 'row-edited'
  | 'chain-broken'
  | 'signature-invalid'
  | 'tail-cut'
  | 'head-wrong'
  | 'outside-head-wrong'
  | 'earlier-alarm';

export interface AuditLog {
  /**
   * Resolves once the row is committed. @throws SidetoneError `audit-write-failed`: it was not (or it cannot be known);
   * what it was to record must then be refused.
   */
  append(entry: AuditEntry): Promise<{ readonly sequence: number }>;
  /** Newest first. */
  list(filter: AuditFilter): Promise<Page<AuditRow>>;
  verify(onProgress?: (rows: number) => void): Promise<AuditVerdict>;
}

// ---- Users, keys, sessions -----------------------------------------------------------------------------------------

export const roles = ['admin', 'reader'] as const;
export type Role = (typeof roles)[number];

export interface User {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
}
export interface UserStore {
  /** By name. */
  list(): Promise<readonly User[]>;
  get(userId: string): Promise<User | undefined>;
  /** Names are unique, letter case ignored. @throws SidetoneError `bad-request` (name taken, password under 12 characters) */
  add(user: { readonly name: string; readonly role: Role; readonly password: string }): Promise<User>;
  /** Changing the password, or disabling, ends the user's sessions. @throws SidetoneError `not-found`, `bad-request` */
  update(
    userId: string,
    change: {
      readonly role?: Role | undefined;
      readonly password?: string | undefined;
      readonly disabled?: boolean | undefined;
    },
  ): Promise<User>;
  /** The user of that name and password, unless disabled. Takes the same time whether the name exists or not. */
  authenticate(name: string, password: string): Promise<User | undefined>;
}

export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly role: Role;
  /** The first characters of the secret, to recognise it by. */
  readonly prefix: string;
  readonly firstStart: boolean;
  readonly createdAt: string;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}
export interface KeyStore {
  /** Newest first, revoked ones too. */
  list(): Promise<readonly ApiKey[]>;
  /** The secret (`st_...`) is given here and never again: only its hash is kept. @throws SidetoneError `bad-request` */
  add(key: { readonly name: string; readonly role: Role }): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  /** Ends its sessions too. @throws SidetoneError `not-found` */
  revoke(keyId: string): Promise<ApiKey>;
  /** The key of that secret unless revoked; notes its use. */
  authenticate(secret: string): Promise<ApiKey | undefined>;
  /**
   * First start: makes an admin key of its own and writes it to `DATA_DIR/admin-key` (mode 0600). Later: puts the
   * file's key into the database where it is missing there (a new database), and makes no second one.
   */
  ensureAdminKey(): Promise<{ readonly path: string; readonly created: boolean; readonly key: ApiKey | undefined }>;
}

/** Who stands behind a session or link: kind `user`, `key` or `first-start-key`. */
export interface Identity {
  readonly actor: Actor;
  readonly role: Role;
}
export interface Session extends Identity {
  readonly sessionId: string;
  readonly expiresAt: string;
}
export interface SessionStore {
  /**
   * The token goes into the cookie; only its hash is kept.
   * @throws SidetoneError `unauthenticated`: no such user or key, disabled or revoked
   */
  create(actor: Actor, lifetimeS: number): Promise<{ readonly session: Session; readonly token: string }>;
  /** The session while it lasts and its user or key is still good; with the role that they have now. */
  find(token: string): Promise<Session | undefined>;
  end(token: string): Promise<void>;
  /** A token that `redeemLink` takes once within its lifetime. */
  createLink(actor: Actor, lifetimeS: number): Promise<string>;
  redeemLink(token: string): Promise<Identity | undefined>;
}

// ---- Exports -------------------------------------------------------------------------------------------------------

export interface ExportRecord {
  readonly exportId: string;
  readonly madeBy: Actor;
  readonly madeAt: string;
  /** What was asked for: a call, or a period and its filters. */
  readonly scope: Json;
  readonly calls: number;
  readonly files: number;
  readonly bytes: number;
  /** Hex SHA-256 of the manifest. */
  readonly manifestSha256: string;
}
export const exportGone = ['call-deleted', 'late-redaction'] as const;
/** Why an export is no longer to be had: a call in it was erased, or its text was redacted after it had gone out. */
export type ExportGone = (typeof exportGone)[number];
export interface StoredExport extends ExportRecord {
  readonly goneBecause: ExportGone | null;
}
export interface ExportStore {
  /** The export is about to read that call: what becomes of the call from now on is held against it. */
  hold(exportId: string, callId: string): Promise<void>;
  add(record: ExportRecord): Promise<void>;
  /** Exports that hold the call are no longer to be had; their files are the caller's to remove. */
  markGone(callId: string, because: ExportGone): Promise<void>;
  get(exportId: string): Promise<StoredExport | undefined>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<StoredExport>>;
}
