import type { Call, CallMetrics, Finding, LiveEvent, Redaction, Utterance } from '#analytics/types.ts';
import type { CallDetail, Database } from '#db/types.ts';
import { hasCode } from '#lib/errors.ts';
import { HttpProblem } from '../http/problems.ts';
import type { ApiContext } from './context.ts';

export type CallFlag = 'unredacted' | 'excluded' | 'partial' | 'no-recording' | 'late-redaction';

/** Nobody waits longer than this for rows that are on their way. */
const lastRowsTimeoutMs = 2000;

export interface CallState extends CallDetail {
  readonly live: boolean;
  readonly utterances: readonly Utterance[] | undefined;
}

/**
 * A call as it stands. While it runs, that is what the live stage knows (rows reach the database in batches); after
 * that, what is stored: of a call that has ended a moment ago the last rows may still be on their way there, and are
 * waited for.
 * @throws HttpProblem `not-found`
 */
export async function findCall(context: ApiContext, callId: string): Promise<CallState> {
  const running = context.live.snapshot(callId);
  const fromLive = running === undefined ? undefined : fold(running);
  if (fromLive !== undefined) return fromLive;
  const stored = await readStored(context.database, callId);
  if (stored === undefined) throw new HttpProblem('not-found', 'there is no such call');
  return { ...stored, live: false, utterances: undefined };
}

async function readStored(database: Database, callId: string): Promise<CallDetail | undefined> {
  const stored = await database.calls.get(callId);
  if (stored?.call.state === 'ended' && stored.call.completeness !== 'pending') return stored;
  await database.flush(lastRowsTimeoutMs).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'database-unavailable')) throw thrown;
  });
  return database.calls.get(callId);
}

/** The transcript by start, wherever the call stands. @throws HttpProblem `not-found` */
export async function findTranscript(
  context: ApiContext,
  callId: string,
): Promise<{ readonly state: CallState; readonly utterances: readonly Utterance[] }> {
  const state = await findCall(context, callId);
  return { state, utterances: state.utterances ?? (await context.database.calls.transcript(callId)) };
}

function fold(events: readonly LiveEvent[]): CallState | undefined {
  let call: Call | undefined;
  let metrics: CallMetrics | null = null;
  const utterances = new Map<string, Utterance>();
  const findings = new Map<string, Finding>();
  const redactions = new Map<string, Redaction>();
  for (const event of events) {
    if (event.type === 'call') call = event.call;
    else if (event.type === 'metrics') metrics = event.metrics;
    else if (event.type === 'utterance') utterances.set(event.utterance.utteranceId, event.utterance);
    else if (event.type === 'finding') findings.set(event.finding.findingId, event.finding);
    else if (event.type === 'redaction') redactions.set(event.redaction.redactionId, event.redaction);
  }
  if (call === undefined) return undefined;
  const spoken = [...utterances.values()].sort((a, b) => a.startMs - b.startMs);
  return {
    call,
    live: true,
    metrics,
    findings: [...findings.values()],
    redactions: [...redactions.values()],
    recording: null,
    utterances: spoken,
  };
}

export function flagsOf({ call, live, recording, findings }: CallState): readonly CallFlag[] {
  const flags: CallFlag[] = [];
  const unredacted = call.notes.some((note) => note.note === 'unredacted') || (recording?.unredacted.length ?? 0) > 0;
  if (unredacted) flags.push('unredacted');
  if (call.completeness === 'excluded') flags.push('excluded');
  if (call.completeness === 'partial') flags.push('partial');
  if (!live && call.completeness !== 'excluded' && (recording?.path ?? null) === null) flags.push('no-recording');
  if (findings.some((finding) => finding.ruleId === 'late-redaction')) flags.push('late-redaction');
  return flags;
}
