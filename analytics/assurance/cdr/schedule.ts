import type { CdrRecord } from '#analytics/types.ts';

const soonestMs = 5_000;
const longestMs = 24 * 3_600_000;
const giveUpMs = 30 * 24 * 3_600_000;

/**
 * What becomes of a record that still has no call. Until `graceMs` after its end it waits, looked at again and again; then
 * it is told of, and looked at less and less often (each pause as long as all so far, a day at the most): a call may still
 * be handed in as a file. After thirty days nobody looks any more.
 */
export function whenStillUnmatched(
  record: CdrRecord,
  graceMs: number,
  nowEpochMs: number,
): { readonly state: 'waiting' | 'unmatched'; readonly nextCheckAt: string | null } {
  const endedMs = Date.parse(record.endedAt ?? record.answeredAt ?? record.startedAt);
  const lateMs = endedMs + graceMs;
  if (nowEpochMs < lateMs)
    return { state: 'waiting', nextCheckAt: iso(Math.min(lateMs, nowEpochMs + Math.max(soonestMs, graceMs / 8))) };
  const sinceMs = nowEpochMs - lateMs;
  const pauseMs = Math.min(Math.max(sinceMs, graceMs, soonestMs), longestMs);
  return { state: 'unmatched', nextCheckAt: sinceMs > giveUpMs ? null : iso(nowEpochMs + pauseMs) };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
