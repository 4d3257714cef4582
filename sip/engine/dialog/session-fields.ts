import type { Headers } from '../message/headers.ts';
import { parseParams } from '../message/fields.ts';

/** What a 2xx to INVITE or UPDATE says about the session (RFC 4028 section 4). */
export interface SessionTerms {
  readonly expiresS: number;
  /** Of the transaction: who sent its request, or who answered it. */
  readonly refresher: 'uac' | 'uas';
}

/** Less than this is refused by everybody (section 4). */
export const leastSessionS = 90;

/** A week: no timer counts further than 24 days. */
const mostSessionS = 7 * 86_400;

/** Undefined where the session has no end. A 2xx without `refresher` leaves it to who asked (section 7.2). */
export function sessionTerms(headers: Headers): SessionTerms | undefined {
  const value = headers.get('Session-Expires');
  const match = value === undefined ? null : /^(\d{1,9})\s*(?:;(.*))?$/.exec(value);
  if (match === null) return undefined;
  const expiresS = Math.min(Number(match[1]), mostSessionS);
  if (expiresS === 0) return undefined;
  return { expiresS, refresher: parseParams(match[2] ?? '')['refresher']?.toLowerCase() === 'uas' ? 'uas' : 'uac' };
}

export interface SessionPlan {
  /** Half-way, when the refresh is our part (section 10). */
  readonly refreshAfterMs: number | undefined;
  /** The session is over: sent by whoever does not refresh a little before its end, so that BYE is not too late. */
  readonly endAfterMs: number;
}

export function sessionPlan(terms: SessionTerms, weRefresh: boolean): SessionPlan {
  const expiresMs = terms.expiresS * 1000;
  if (weRefresh) return { refreshAfterMs: expiresMs / 2, endAfterMs: expiresMs };
  return { refreshAfterMs: undefined, endAfterMs: expiresMs - Math.min(32_000, expiresMs / 3) };
}
