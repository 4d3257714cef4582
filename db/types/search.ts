import type { Call, Utterance } from '#analytics/types.ts';
import type { PartySide } from '#sip/types.ts';
import type { Page, PageRequest } from './page.ts';

/** `q` in websearch syntax (words, "phrases", or, -not), its digit runs already masked by the caller. */
export interface SearchQuery extends PageRequest {
  readonly q: string;
  readonly side?: PartySide | undefined;
  /** Whole, letter case ignored: as the utterance says who speaks. */
  readonly speaker?: string | undefined;
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

export interface UtteranceReader {
  /** A query of nothing but negations or punctuation matches nothing. @throws SidetoneError `bad-request` */
  search(query: SearchQuery): Promise<Page<SearchHit>>;
}
