import { hasCode, type ErrorCode } from '#lib/errors.ts';

/** PostgreSQL Appendix A: the first two letters of an SQLSTATE are its class. */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.length === 5 ? error.code : undefined;
}

/** Nobody there, or nobody who may or can answer: connection, authorisation, missing database, shutting down. */
const awayClasses = new Set(['08', '28', '3D', '57', '58']);
/** The statement was heard, and would succeed later: rollback by conflict, out of disk or memory, lock, read-only. */
const transientClasses = new Set(['25', '40', '53', '55']);

/** True when the database is not there. Whatever pg throws without an SQLSTATE is a broken or refused connection. */
export function isAway(error: unknown): boolean {
  if (hasCode(error, 'database-unavailable')) return true;
  const state = sqlState(error);
  // 57014: the statement was cancelled for taking too long; the server is well.
  if (state !== undefined) return awayClasses.has(state.slice(0, 2)) && state !== '57014';
  return error instanceof Error && !(error instanceof TypeError);
}

/**
 * True when the same write may succeed later; false when the database will never take it. Of errors as the pool gives
 * them: a broken connection is `database-unavailable` there, so that an error of any other kind is the write's own.
 */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return (
    hasCode(error, 'database-unavailable') ||
    state === '57014' ||
    (state !== undefined && transientClasses.has(state.slice(0, 2)))
  );
}

const awayCode: ErrorCode = 'database-unavailable';
/** For status and log: names the kind of trouble, never quotes what the server said (it may quote values). */
export function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const state = sqlState(cause);
  if (state !== undefined) return `refused with SQLSTATE ${state}`;
  for (const each of [cause, error])
    if (each instanceof Error && 'code' in each && typeof each.code === 'string' && each.code !== awayCode)
      return each.code;
  return 'no answer';
}
