import type { AssuranceReason, AssuranceVerdict, CdrRecord, CdrState } from '#analytics/types.ts';
import type { CallSource } from '#sip/types.ts';
import type { Page, PageRequest } from './page.ts';

/** `limit` and `after` are of the flagged calls. */
export interface AssuranceQuery extends PageRequest {
  /** Started at or after, and before: ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** IANA name; days are those of its clocks. */
  readonly timeZone: string;
}

export interface AssuranceCounts {
  readonly calls: number;
  readonly complete: number;
  readonly partial: number;
  readonly missing: number;
  readonly excluded: number;
  /** Not known yet: it is still on, or being finished. */
  readonly pending: number;
  /** Complete of those that were to be kept and are over; null where there were none. */
  readonly share: number | null;
}
export interface AssuranceDay extends AssuranceCounts {
  /** `2026-11-25`. */
  readonly day: string;
}
export interface AssuranceSource extends AssuranceCounts {
  readonly source: CallSource;
  readonly sourceName: string;
  /** By day; those with calls. */
  readonly days: readonly AssuranceDay[];
  /** Of partial and missing calls, the commonest first; null: stored by a version that gave none. */
  readonly reasons: readonly {
    readonly verdict: AssuranceVerdict;
    readonly reason: AssuranceReason | null;
    readonly count: number;
  }[];
}

export interface FlaggedCall {
  readonly callId: string;
  readonly startedAt: string;
  readonly source: CallSource;
  readonly sourceName: string;
  readonly durationMs: number | null;
  readonly verdict: 'partial' | 'missing';
  readonly reason: AssuranceReason | null;
}

/** Of records of the PBX whose calls began in the time asked for. */
export interface CdrReport {
  readonly total: number;
  readonly counts: Readonly<Record<CdrState, number>>;
  /** The newest, a hundred at the most. */
  readonly unmatched: readonly CdrRecord[];
  readonly files: readonly CdrFileState[];
}
export interface CdrFileState {
  readonly path: string;
  readonly sourceName: string;
  readonly lines: number;
  readonly badLines: number;
  readonly lastBadLine: number | null;
  readonly lastBadProblem: string | null;
  /** When something new was last read. */
  readonly readAt: string;
}

export interface AssuranceReport extends AssuranceCounts {
  /** Of all sources; by kind and name. */
  readonly sources: readonly AssuranceSource[];
  /** Calls that are partial or missing, the newest first. */
  readonly flagged: Page<FlaggedCall>;
  readonly cdrs: CdrReport;
}

export interface AssuranceReader {
  /** @throws SidetoneError `bad-request` (times, time zone, page), `database-unavailable` */
  report(query: AssuranceQuery): Promise<AssuranceReport>;
}
