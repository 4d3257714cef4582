import type { Kysely } from 'kysely';
import type { Intake } from '../journal/intake.ts';
import type { Schema } from '../schema.ts';
import type { CallReader } from '../types.ts';
import { readCall, readEarlierTexts, readFindings, readMetrics, readRecording, readTranscript } from './detail.ts';
import { listCalls } from './list.ts';
import { removeCall } from './removal.ts';

/** @param clean text was taken away: its pages are to be wiped */
export function createCallReader(
  db: Kysely<Schema>,
  intake: Pick<Intake, 'removeCall' | 'discardCall'>,
  clean: () => void,
): CallReader {
  return {
    list: (filter) => listCalls(db, filter),
    get: (callId) => readCall(db, callId),
    transcript: (callId) => readTranscript(db, callId),
    earlierTexts: (callId, utteranceId) => readEarlierTexts(db, callId, utteranceId),
    findings: (callId) => readFindings(db, callId),
    metrics: (callId) => readMetrics(db, callId),
    recording: (callId) => readRecording(db, callId),
    remove: async (callId) => {
      const removed = await intake.removeCall(callId, () => removeCall(db, callId, true));
      if (removed) clean();
      return removed;
    },
    discard: async (callId) => {
      await intake.discardCall(callId, () => removeCall(db, callId, false));
      clean();
    },
  };
}
