import type { Kysely } from 'kysely';
import type { Call, CallMetrics, Finding, Redaction, StoreOp, Utterance } from '#analytics/types.ts';
import { unreachable } from '#lib/errors.ts';
import type { RecordingReport } from '#media/types.ts';
import type { Schema } from '../schema.ts';
import { markForCleaning } from './cleaning.ts';
import {
  storeCalls,
  storeFindings,
  storeMetrics,
  storeRecordings,
  storeRedactions,
  storeUtterances,
} from './upserts.ts';

/**
 * Stores a batch of ops in one transaction, table after table. Within a batch the last word on a thing wins; across
 * batches every write is an upsert, so that a batch applied twice is applied once: an utterance of a lower revision and
 * a call gone back from `ended` change nothing.
 * @returns true when text was replaced, so that the pages that held it must be cleaned
 */
export async function applyOps(db: Kysely<Schema>, ops: readonly StoreOp[], owner: string): Promise<boolean> {
  const batch = sortOut(ops);
  return db.transaction().execute(async (trx) => {
    await storeCalls(trx, [...batch.calls.values()], owner);
    const dirtyUtterances = await storeUtterances(trx, [...batch.utterances.values()], batch.rewritten);
    const dirtyFindings = await storeFindings(trx, [...batch.findings.values()]);
    await storeRedactions(trx, [...batch.redactions.values()]);
    await storeMetrics(trx, [...batch.metrics.values()]);
    await storeRecordings(trx, batch.recordings);
    if (dirtyUtterances) await markForCleaning(trx, 'utterances');
    if (dirtyFindings) await markForCleaning(trx, 'findings');
    return dirtyUtterances || dirtyFindings;
  });
}

interface Batch {
  readonly calls: Map<string, Call>;
  readonly utterances: Map<string, Utterance>;
  /** Ids of those whose former text must be nowhere. */
  readonly rewritten: Set<string>;
  readonly findings: Map<string, Finding>;
  readonly redactions: Map<string, Redaction>;
  readonly metrics: Map<string, CallMetrics>;
  readonly recordings: Map<string, RecordingReport>;
}

function sortOut(ops: readonly StoreOp[]): Batch {
  const batch: Batch = {
    calls: new Map(),
    utterances: new Map(),
    rewritten: new Set(),
    findings: new Map(),
    redactions: new Map(),
    metrics: new Map(),
    recordings: new Map(),
  };
  for (const op of ops) {
    switch (op.op) {
      case 'call':
        batch.calls.set(op.call.callId, op.call);
        break;
      case 'utterance':
      case 'rewrite-utterance': {
        if (op.op === 'rewrite-utterance') batch.rewritten.add(op.utterance.utteranceId);
        const known = batch.utterances.get(op.utterance.utteranceId);
        if (known === undefined || known.revision <= op.utterance.revision)
          batch.utterances.set(op.utterance.utteranceId, op.utterance);
        break;
      }
      case 'finding':
        batch.findings.set(op.finding.findingId, op.finding);
        break;
      case 'redaction':
        batch.redactions.set(op.redaction.redactionId, op.redaction);
        break;
      case 'metrics':
        batch.metrics.set(op.metrics.callId, op.metrics);
        break;
      case 'recording':
        batch.recordings.set(op.callId, op.recording);
        break;
      default:
        unreachable(op);
    }
  }
  return batch;
}
