import type { CallResult, Termination, TerminationReason } from '../types.ts';

/**
 * The life of a bridged call.
 *
 * - `routing`: the INVITE was admitted and has a route; targets are tried, none has rung.
 * - `ringing`: the caller was told that a target rings (any 18x). Another target may still be tried: the state stays.
 * - `answering`: the caller was sent 2xx; its ACK is awaited, for 64*T1 at most (RFC 3261 section 13.3.1.4).
 * - `established`: the ACK came. Re-INVITEs, holds and transfers happen within this state.
 * - `ended`: a result and a reason are fixed; only BYEs and CANCELs that tidy up are still under way.
 *
 *     routing -> ringing -> answering -> established -> ended
 *     routing -> answering                  a target answers without ringing
 *     routing, ringing, answering -> ended  cancelled, refused, failed, hung up before the ACK
 *
 * Nothing leaves `ended`. Any other step is a mistake of ours and throws.
 */
export type BridgedCallState = 'routing' | 'ringing' | 'answering' | 'established' | 'ended';

export const callSteps: Readonly<Record<BridgedCallState, readonly BridgedCallState[]>> = {
  routing: ['ringing', 'answering', 'ended'],
  ringing: ['answering', 'ended'],
  answering: ['established', 'ended'],
  established: ['ended'],
  ended: [],
};

/** Was the call answered? Then a hang-up completes it, and `sipStatus` has no place in its termination. */
export function isAnswered(state: BridgedCallState): boolean {
  return state === 'answering' || state === 'established';
}

const answeredResults: Readonly<Partial<Record<TerminationReason, CallResult>>> = {
  'caller-hung-up': 'completed',
  'callee-hung-up': 'completed',
  'max-duration': 'completed',
  replaced: 'completed',
  'server-shutdown': 'completed',
  'server-draining': 'completed',
};

const unansweredResults: Readonly<Partial<Record<TerminationReason, CallResult>>> = {
  'caller-cancelled': 'cancelled',
  'caller-hung-up': 'cancelled',
  'no-answer': 'cancelled',
  'callee-hung-up': 'rejected',
  'callee-busy': 'rejected',
  'callee-declined': 'rejected',
  'callee-rejected': 'rejected',
  'not-acceptable-here': 'rejected',
};

/** What the caller of a call that was never answered is told when something of ours ends it; 500 for all else. */
const refusals: Readonly<Partial<Record<TerminationReason, number>>> = {
  'caller-hung-up': 487,
  'caller-cancelled': 487,
  'callee-hung-up': 480,
  'no-ack': 504,
  'rtp-timeout': 480,
  'server-shutdown': 503,
  'server-draining': 503,
};

export function refusalFor(reason: TerminationReason): number {
  return refusals[reason] ?? 500;
}

/** How a call that ends in `state` for `reason` is written down; `sipStatus` is kept for calls never answered. */
export function terminationOf(
  state: BridgedCallState,
  reason: TerminationReason,
  sipStatus: number | null,
): Termination {
  const answered = isAnswered(state);
  const results = answered ? answeredResults : unansweredResults;
  return Object.freeze({ result: results[reason] ?? 'failed', reason, sipStatus: answered ? null : sipStatus });
}

/** Why a call ended that its last target refused with `status` (3xx to 6xx). */
export function reasonOfStatus(status: number): TerminationReason {
  if (status === 486 || status === 600) return 'callee-busy';
  if (status === 603 || status === 607) return 'callee-declined';
  if (status === 480 || status === 408) return 'no-answer';
  if (status === 488 || status === 606 || status === 415) return 'not-acceptable-here';
  if (status === 483) return 'too-many-hops';
  if (status >= 500 && status < 600) return 'no-target-reachable';
  return 'callee-rejected';
}
