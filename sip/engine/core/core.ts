import type { Dialogs } from '../dialog/dialogs.ts';
import type { Scheduler, SipTimers } from '../transaction/timers.ts';
import type { Transactions } from '../transaction/transactions.ts';
import type { Transports } from '../transport/transports.ts';
import type { WireTap } from '../wire-tap.ts';
import type { Counters } from './counters.ts';
import type { ServerCall } from './server-call.ts';
import type { Sessions } from './sessions.ts';

/** What every part of the engine shares. */
export interface Core {
  readonly transports: Transports;
  readonly transactions: Transactions<ServerCall>;
  readonly dialogs: Dialogs;
  readonly sessions: Sessions;
  readonly scheduler: Scheduler;
  readonly timers: SipTimers;
  readonly counters: Counters;
  readonly tap: WireTap | undefined;
}
