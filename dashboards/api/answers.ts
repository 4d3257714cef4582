import type { BySide, Call, CallMetrics, Finding, Redaction, Severity, Utterance } from '#analytics/types.ts';
import type { CallListItem, Highlight, SearchHit } from '#db/types.ts';
import type { RecordingReport } from '#media/types.ts';
import { channelsOf, type RecordingChannels } from './recording-channels.ts';
import { flagsOf, type CallFlag, type CallState } from './call-view.ts';

/**
 * What the API says of calls and utterances. A call is the call itself with more beside its own fields, never one
 * inside something; an utterance likewise (design: "a call in JSON").
 */

export interface CallItem extends Call {
  readonly findingsCount: number;
  readonly worstSeverity: Severity | null;
  readonly sentiment: BySide<number | null> | null;
  readonly utterancesCount: number;
  readonly hasRecording: boolean;
}

export interface CallAnswer extends Call {
  readonly live: boolean;
  readonly metrics: CallMetrics | null;
  readonly findings: readonly Finding[];
  readonly redactions: readonly Redaction[];
  readonly recording: RecordingAnswer | null;
  readonly flags: readonly CallFlag[];
}
/** Where its file lies on the server is nobody's business. */
export interface RecordingAnswer extends Omit<RecordingReport, 'path' | 'peaksPath'> {
  readonly channels: RecordingChannels;
}

export interface SearchItem extends Utterance {
  readonly saidAt: string;
  readonly callStartedAt: string;
  readonly parties: Call['parties'];
  /** UTF-16 ranges of `text`, end excluded. */
  readonly highlights: readonly Highlight[];
}

export function callItem({ call, findings, utterances, ...rest }: CallListItem): CallItem {
  return { ...call, findingsCount: findings, utterancesCount: utterances, ...rest };
}

export function callAnswer(state: CallState): CallAnswer {
  const { call, live, metrics, findings, redactions, recording } = state;
  return {
    ...call,
    live,
    metrics,
    findings,
    redactions,
    recording: recording?.path ? recordingAnswer(call, recording) : null,
    flags: flagsOf(state),
  };
}

export function recordingAnswer(call: Call, recording: RecordingReport): RecordingAnswer {
  const { path: _path, peaksPath: _peaksPath, ...story } = recording;
  return { ...story, channels: channelsOf(call) };
}

export function searchItem({ utterance, ...rest }: SearchHit): SearchItem {
  return { ...utterance, ...rest };
}
