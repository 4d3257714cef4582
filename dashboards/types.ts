import type { Models } from '#asr/types.ts';
import type { Corrections, LiveCalls, Speakers } from '#analytics/types.ts';
import type { Database } from '#db/types.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { Ingest, StreamIntake } from '#media/types.ts';
import type { SourceBook } from '#sip/types.ts';

/** One thing that must be well for the server to do its work, for /readyz. */
interface Readiness {
  readonly name: string;
  readonly ok: boolean;
  /** For people; no host names, credentials or content. */
  readonly detail: string;
}

/** What the API asks of signalling. The server of sip/ is one. */
export interface CallControl {
  readonly bindings: readonly { readonly transport: string; readonly address: string; readonly port: number }[];
  /** Copies of calls that a proxy anchors in rtpengine; undefined when the configuration names none. */
  readonly copies: RtpengineCopies | undefined;
  /** `by` is noted in the call's history. False: no such call. */
  pause(callId: string, paused: boolean, by: string): boolean;
}

export interface RtpengineCopies {
  /**
   * Takes a copy of a call, which must be answered. Asked again for the same call, gives the same answer.
   * @throws SidetoneError `bad-request`, `not-found`, `conflict`, `unsupported-audio`, `rtpengine-unavailable`,
   *   `rtpengine-refused`, `server-draining`, `at-capacity`, `ports-exhausted`, `media-worker-lost`
   */
  fork(request: ForkRequest): Promise<{ readonly callId: string }>;
  /** The copy ends. False: no copy of it runs. */
  release(sipCallId: string): Promise<boolean>;
}

/** Which call of rtpengine's to take a copy of; `caller` and `callee` are URIs, or what From and To say. */
export interface ForkRequest {
  readonly sipCallId: string;
  readonly fromTag?: string | undefined;
  readonly toTag?: string | undefined;
  readonly caller?: string | undefined;
  readonly callee?: string | undefined;
  /** Names and terms that are likelier in it. */
  readonly phrases?: readonly string[] | undefined;
}

export interface HttpServerOptions {
  readonly config: Config;
  readonly database: Database;
  readonly live: LiveCalls;
  readonly recordings: {
    /** Removes a closed recording and its peaks; rejects with `not-found` when there is none. */
    remove(callId: string): Promise<void>;
  };
  /** Signalling, which opens last: undefined until it is there. */
  readonly calls: CallControl;
  readonly ingest: Ingest;
  readonly corrections: Corrections;
  readonly speakers: Speakers;
  readonly sources: SourceBook;
  readonly streams: StreamIntake;
  readonly models: Models;
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
