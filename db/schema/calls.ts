import type { Generated } from 'kysely';
import type {
  Assurance,
  AssuranceReason,
  BySide,
  Call,
  CallNote,
  CallPause,
  Redaction,
  Severity,
  SideSound,
  SpeakerMetrics,
  TextAuthor,
  Utterance,
  Voice,
} from '#analytics/types.ts';
import type { SampleRange, SideReports } from '#media/types.ts';
import type {
  CallResult,
  CallSource,
  CallState,
  ChannelSide,
  PartyRole,
  PartySide,
  RecordPolicy,
  TerminationReason,
} from '#sip/types.ts';
import type { Derived, Jsonb, NullableJsonb, NullableTime, Time } from './columns.ts';

/** A call and what hangs on it: all of it goes with the call's row. */

export interface CallsTable {
  call_id: string;
  state: CallState;
  started_at: Time;
  media_started_at: NullableTime;
  answered_at: NullableTime;
  ended_at: NullableTime;
  duration_ms: number | null;
  answered_ms: number | null;
  source: CallSource;
  sip_call_ids: string[];
  headers: Jsonb<Record<string, string>>;
  record: RecordPolicy;
  completeness: Call['completeness'];
  assurance: NullableJsonb<Assurance>;
  assurance_reason: Derived<AssuranceReason | null>;
  pauses: Jsonb<readonly CallPause[]>;
  source_name: string;
  sides_swapped: boolean;
  notes: Jsonb<readonly CallNote[]>;
  result: CallResult | null;
  reason: TerminationReason | null;
  sip_status: number | null;
  streams: NullableJsonb<SideReports>;
  /** Id of the data directory whose server owns the call: only that server may close it as dead. */
  owner: string;
  /** Ops of the call that the journal had no room for. */
  lost_ops: Generated<number>;
}

export interface PartiesTable {
  call_id: string;
  party_id: string;
  /** Place in the call's list. */
  ordinal: number;
  side: PartySide;
  uri: string | null;
  display_name: string | null;
  role: PartyRole;
  joined_ms: number;
  left_ms: number | null;
}

export interface UtterancesTable {
  utterance_id: string;
  call_id: string;
  side: PartySide;
  party_id: string | null;
  speaker: string;
  start_ms: number;
  end_ms: number;
  /** When it was said: the call's first media sample plus `start_ms`. */
  said_at: Time;
  text: string;
  /** The text as it was said, where that is otherwise (search/spoken-text.ts); indexed by its vectors. */
  spoken: string | null;
  words: Jsonb<Utterance['words']>;
  confidence: number;
  language: string;
  sentiment: number;
  revision: number;
  text_by: Generated<TextAuthor>;
  voice: NullableJsonb<Voice>;
  /** Stems without stop words: what a word of a query is looked up in. */
  search_english: Derived<string>;
  /** Every word as it was said: phrases with stop words, and prefixes. */
  search_simple: Derived<string>;
}

/** What stood in an utterance before its text was replaced. */
export interface UtteranceRevisionsTable {
  utterance_id: string;
  revision: number;
  call_id: string;
  text: string;
  words: Jsonb<Utterance['words']>;
  confidence: number;
  language: string;
  text_by: TextAuthor;
  replaced_at: Time;
}

/** What a person wrote in place of what was heard, a row a stretch of words. */
export interface WordCorrectionsTable {
  call_id: string;
  utterance_id: string;
  heard: string;
  corrected: string;
  corrected_at: Time;
}

/** How far the second pass over a call is. */
export interface SecondPassesTable {
  call_id: string;
  state: 'waiting' | 'done' | 'failed';
  /** That have failed. */
  attempts: number;
  /** Not before. */
  next_at: Time;
  fault: string | null;
}

export interface FindingsTable {
  finding_id: string;
  call_id: string;
  rule_id: string;
  title: string;
  severity: Severity;
  kind: 'said' | 'missing' | 'system';
  side: PartySide | null;
  start_ms: number;
  end_ms: number;
  evidence: string;
  utterance_ids: string[];
}

export interface RedactionsTable {
  redaction_id: string;
  call_id: string;
  kind: Redaction['kind'];
  side: PartySide;
  start_ms: number;
  end_ms: number;
  reason: string;
}

/** Of the call as a whole; by side: CallSideMetricsTable. */
export interface CallMetricsTable {
  call_id: string;
  duration_ms: number;
  overtalk_ms: number;
  non_talk_ms: number;
  hold_ms: number;
  interruption_threshold_ms: number;
  speakers: NullableJsonb<readonly SpeakerMetrics[]>;
  sound: NullableJsonb<BySide<SideSound>>;
}

export interface CallSideMetricsTable {
  call_id: string;
  side: ChannelSide;
  talk_ms: number;
  talk_speed_wpm: number | null;
  interruptions: number;
  sentiment_quarters_mean: number | null;
  sentiment_utterances_mean: number | null;
  sentiment_quarters: Jsonb<readonly (number | null)[]>;
}

export interface RecordingsTable {
  call_id: string;
  path: string | null;
  peaks_path: string | null;
  samples: number;
  bytes: number;
  sha256: string | null;
  silenced: Jsonb<readonly SampleRange[]>;
  unredacted: Jsonb<readonly SampleRange[]>;
  failure: string | null;
}

/** Tables whose dead rows must still be wiped from their pages (cleaning.ts). */
export interface CleaningsTable {
  table_name: string;
  /** The transaction that left dead rows; pages are clean once a VACUUM FULL began after nobody could see them. */
  due_xid: number;
}
