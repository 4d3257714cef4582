import type { StoreOp } from '#analytics/types.ts';
import { unreachable } from '#lib/errors.ts';
import { broughtUpToDate } from './earlier-versions.ts';

/** The call that an op belongs to. */
export function callIdOf(op: StoreOp): string {
  switch (op.op) {
    case 'call':
      return op.call.callId;
    case 'utterance':
    case 'rewrite-utterance':
      return op.utterance.callId;
    case 'redaction':
      return op.redaction.callId;
    case 'finding':
      return op.finding.callId;
    case 'metrics':
      return op.metrics.callId;
    case 'recording':
      return op.callId;
    default:
      return unreachable(op);
  }
}

/**
 * What an op says something about, where it holds words that were said: a later op of the same key replaces the earlier,
 * whose text must then be nowhere. Null for ops without text.
 */
export function textKeyOf(op: StoreOp): string | null {
  switch (op.op) {
    case 'utterance':
    case 'rewrite-utterance':
      return `u:${op.utterance.utteranceId}`;
    case 'finding':
      return `f:${op.finding.findingId}`;
    case 'call':
    case 'redaction':
    case 'metrics':
    case 'recording':
      return null;
    default:
      return unreachable(op);
  }
}

/** Undefined for what is no op of this version, or of one before. */
export function parseOp(json: string): StoreOp | undefined {
  try {
    const op = JSON.parse(json) as StoreOp;
    // Throws where it belongs to no call.
    return typeof callIdOf(op) === 'string' ? broughtUpToDate(op) : undefined;
  } catch {
    return undefined;
  }
}
