import type { Database } from '#db/types.ts';
import type { LiveCalls } from '#analytics/types.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';

/** One thing that must be well for the server to do its work, for /readyz. */
interface Readiness {
  readonly name: string;
  readonly ok: boolean;
  /** For people; no host names, credentials or content. */
  readonly detail: string;
}

export interface HttpServerOptions {
  readonly config: Config;
  readonly database: Database;
  readonly live: LiveCalls;
  readonly recordings: {
    /** Removes a closed recording and its peaks; rejects with `not-found` when there is none. */
    remove(callId: string): Promise<void>;
  };
  readonly readiness: () => Promise<readonly Readiness[]> | readonly Readiness[];
  readonly masks: {
    /** Masks digit runs of nine or more, before a query is run, logged or audited (redaction.md). */
    query(text: string): string;
  };
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Folder of the built pages; undefined: those of dashboards/web, built now if they are stale. */
  readonly webDir?: string;
}

export interface HttpServer {
  /** `http://127.0.0.1:8080`, with the port that was really taken. */
  readonly url: string;
  /**
   * A link that signs in whoever first opens it within ten minutes, as the first-start key: at `http.publicUrl` from
   * anywhere, without it on this machine.
   */
  oneTimeLink(): Promise<string>;
  close(): Promise<void>;
}
