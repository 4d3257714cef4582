import type { Dialogs } from '../dialog/dialogs.ts';
import type { Scheduler, SipTimers } from '../transaction/timers.ts';
import type { Transactions } from '../transaction/transactions.ts';
import type { Transports } from '../transport/transports.ts';
import type { WireTap } from '../wire-tap.ts';
import type { Counters } from './counters.ts';
import type { ServerCall } from './server-call.ts';
import type { Sessions } from './sessions.ts';

/** A 401 or 407 to a request that the engine sent by itself. */
export interface Challenge {
  /** Value of WWW-Authenticate or Proxy-Authenticate. */
  readonly header: string;
  readonly request: { readonly method: string; readonly uri: string; readonly body: string };
  /** Who is asked for is known by the dialog that the application made, never by what the peer says of itself. */
  readonly dialogId: string;
}

/** The value of the field that answers a challenge; undefined where nobody can. */
export type Authorize = (challenge: Challenge) => string | undefined;

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
  readonly authorize: Authorize;
}
