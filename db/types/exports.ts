import type { Actor, Json } from './audit.ts';
import type { Page, PageRequest } from './page.ts';

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
export const exportGone = ['call-deleted', 'late-redaction', 'consent-withdrawn'] as const;
/**
 * Why an export is no longer to be had: after it was made a call in it was erased, or its text redacted, or somebody who
 * is named in it by their voice took their consent back.
 */
export type ExportGone = (typeof exportGone)[number];
export interface StoredExport extends ExportRecord {
  readonly goneBecause: ExportGone | null;
  /** When sides or roles of a call in it were last put right after it was made: it says what was said before. */
  readonly correctedAt: string | null;
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
