import type { CallContext } from '../b2bua/context.ts';
import type { Forks } from '../forks/intake.ts';

/** What every recording session of one server shares. */
export interface SrsContext extends Pick<
  CallContext,
  'config' | 'agent' | 'clock' | 'logger' | 'tasks' | 'timers' | 'localAddresses' | 'refusals' | 'sources'
> {
  readonly forks: Forks;
}
