import type { BackgroundTasks } from '#lib/closing.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import type { HostResolver } from '#lib/host-resolver.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Logger } from '#lib/log.ts';
import type { Route } from '../routing/routes.ts';
import type { Sources } from '../sources/book.ts';
import type { CallEvent, MediaGateway } from '../types.ts';
import type { SipMetrics } from './sip-metrics.ts';
import type { SipAgent } from './messages.ts';
import type { Refusals } from './refusals.ts';
import type { Registry } from './registry.ts';

/** RFC 3261 T1 in ms. */
export interface SipTimers {
  readonly t1Ms: number;
}

/** What every call of one server shares. */
export interface CallContext {
  readonly config: Config;
  readonly agent: SipAgent;
  readonly media: MediaGateway;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SipMetrics;
  readonly tasks: BackgroundTasks;
  readonly refusals: Refusals;
  readonly sources: Sources;
  readonly timers: SipTimers;
  emit(event: CallEvent): void;
  /** Finds the route of a dialled user part. */
  route(dialledUser: string): Route | undefined;
  /** Where a call goes that no route knows: see routing/direct.ts. */
  directTarget(requestUri: string): string | undefined;
  readonly localAddresses: LocalAddresses;
  readonly resolver: HostResolver;
}

export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE, NOTIFY, REFER' as const;
export const supportedExtensions = 'timer, 100rel, replaces, norefersub' as const;
/** Tells whoever places a call what we call it. */
export const callIdHeader = 'X-Sidetone-Call-Id' as const;
