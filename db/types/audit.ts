import type { Page, PageRequest } from './page.ts';

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
