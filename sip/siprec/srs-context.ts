import type { CallContext } from '../b2bua/context.ts';
import type { Forks } from '../forks/intake.ts';

/** What every recording session of one server shares. */
export interface SrsContext extends Pick<
  CallContext,
  'config' | 'agent' | 'clock' | 'logger' | 'tasks' | 'timers' | 'localAddresses'
> {
  readonly forks: Forks;
}

/** RFC 7866 section 6.1.2: how a recording server is told from a telephone. */
export const srsContact = '<sip:sidetone@localhost>;+sip.srs' as const;
