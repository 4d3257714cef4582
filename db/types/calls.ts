import type {
  BySide,
  Call,
  CallMetrics,
  EarlierText,
  Finding,
  Redaction,
  Severity,
  Utterance,
} from '#analytics/types.ts';
import type { RecordingReport } from '#media/types.ts';
import type { CallSource, CallState, PartySide } from '#sip/types.ts';
import type { Page, PageRequest } from './page.ts';

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
  /** What kind of sender it came from, and which one of those (whole). */
  readonly source?: CallSource | undefined;
  readonly sourceName?: string | undefined;
  readonly completeness?: Call['completeness'] | undefined;
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
  readonly sentiment: BySide<number | null> | null;
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
  /** What stood in it before, the first one first; empty also when there is no such utterance. */
  earlierTexts(callId: string, utteranceId: string): Promise<readonly EarlierText[]>;
  findings(callId: string): Promise<readonly Finding[]>;
  metrics(callId: string): Promise<CallMetrics | undefined>;
  recording(callId: string): Promise<RecordingReport | undefined>;
  /**
   * Removes every row of the call and what the journal holds of it, and cleans the pages; later writes of this process
   * to it are dropped. The files of its recording are the caller's to remove. False: no such call.
   */
  remove(callId: string): Promise<boolean>;
  /** As `remove`, of a call that is to be played anew under its id: later writes to it are taken. */
  discard(callId: string): Promise<void>;
}
