import type { CallResult, Termination, TerminationReason } from '../types.ts';

/**
 * The life of a call of which we get a copy.
 *
 * - `starting`: the sender has announced it; its media is being set up.
 * - `up`: the copy flows, or may.
 * - `ended`: a result and a reason are fixed; the fork is being closed.
 *
 *     starting -> up -> ended
 *     starting -> ended    given up, refused or broken before it came up
 *
 * Nothing leaves `ended`.
 */
export type ForkedCallState = 'starting' | 'up' | 'ended';

export const forkedSteps: Readonly<Record<ForkedCallState, readonly ForkedCallState[]>> = {
  starting: ['up', 'ended'],
  up: ['ended'],
  ended: [],
};

const upResults: Readonly<Partial<Record<TerminationReason, CallResult>>> = {
  'sender-ended': 'completed',
  'file-ended': 'completed',
  'max-duration': 'completed',
  'server-shutdown': 'completed',
  'server-draining': 'completed',
};

const startingResults: Readonly<Partial<Record<TerminationReason, CallResult>>> = {
  'caller-cancelled': 'cancelled',
  'sender-ended': 'cancelled',
  'not-acceptable-here': 'rejected',
};

/** How a copied call that ends in `state` for `reason` is written down. */
export function forkTermination(
  state: ForkedCallState,
  reason: TerminationReason,
  sipStatus: number | null = null,
): Termination {
  const results = state === 'up' ? upResults : startingResults;
  return Object.freeze({ result: results[reason] ?? 'failed', reason, sipStatus: state === 'up' ? null : sipStatus });
}
