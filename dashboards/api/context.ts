import type { Database } from '#db/types.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import type { Logger } from '#lib/log.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { ExportArchive } from '../exports/archive.ts';
import type { HandInRecord } from '../ingest/hand-in-record.ts';
import type { AuditTrail } from '../http/audit-trail.ts';
import type { LiveHub } from '../live/hub.ts';
import type { Watchers } from '../live/watchers.ts';
import type { HttpServerOptions } from '../types.ts';

/** What the routes work with. */
export interface ApiContext {
  readonly database: Database;
  readonly hub: LiveHub;
  readonly watchers: Watchers;
  readonly live: HttpServerOptions['live'];
  readonly recordings: HttpServerOptions['recordings'];
  readonly calls: HttpServerOptions['calls'];
  readonly ingest: HttpServerOptions['ingest'];
  readonly corrections: HttpServerOptions['corrections'];
  readonly speakers: HttpServerOptions['speakers'];
  readonly sources: HttpServerOptions['sources'];
  readonly streams: HttpServerOptions['streams'];
  readonly models: HttpServerOptions['models'];
  readonly masks: HttpServerOptions['masks'];
  readonly readiness: HttpServerOptions['readiness'];
  readonly metrics: HttpServerOptions['metrics'];
  readonly archive: ExportArchive;
  readonly trail: AuditTrail;
  readonly handIns: HandInRecord;
  readonly logins: { readonly byAddress: RateLimit; readonly byName: RateLimit };
  /** One-time links work from any address, not only on this machine. */
  readonly linksFromAnywhere: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: Config;
}
