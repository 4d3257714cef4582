import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Express } from 'express';
import { isUnspecified } from '#lib/addresses.ts';
import { systemClock } from '#lib/clock.ts';
import { BackgroundTasks, closeAll, once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { ApiContext } from './api/context.ts';
import { allRoutes } from './api/routes.ts';
import { ensureWebBuilt, webOutDir } from './build.ts';
import { ExportArchive } from './exports/archive.ts';
import { removeGoneExports } from './exports/gone.ts';
import { createApp } from './http/app.ts';
import { AuditTrail } from './http/audit-trail.ts';
import { LateRows } from './http/late-rows.ts';
import { RateLimit } from './http/rate-limit.ts';
import { LiveHub } from './live/hub.ts';
import { Watchers } from './live/watchers.ts';
import type { HttpServer, HttpServerOptions } from './types.ts';

const linkLifetimeS = 600;
const replayEvents = 2000;
const quarterHourMs = 15 * 60_000;
const maxAddresses = 10_000;

/**
 * Serves API, live events and pages. Close it before the database: those who watch live are let go, and that they have
 * stopped watching goes on record.
 * @throws Error of Node (`EADDRINUSE`, `EACCES` ...) when the port cannot be had; `ENOENT` for a missing certificate
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { config, database, logger, metrics } = options;
  const clock = options.clock ?? systemClock;
  const background = new BackgroundTasks((error) => logger.error({ err: error }, 'work behind the API failed'));
  const watchers = new Watchers(clock, logger);
  const hub = new LiveHub(options.live, replayEvents);
  const trail = new AuditTrail(database, clock);
  const lateRows = new LateRows(trail, logger, metrics);
  const limitOf = (limit: number): RateLimit =>
    new RateLimit({ limit, windowMs: quarterHourMs, maxKeys: maxAddresses }, clock);
  const context: ApiContext = {
    database,
    hub,
    watchers,
    live: options.live,
    recordings: options.recordings,
    masks: options.masks,
    readiness: options.readiness,
    metrics,
    trail,
    archive: new ExportArchive(config.dataDir),
    linksFromAnywhere: config.http.publicUrl !== undefined,
    logins: { byAddress: limitOf(10), byName: limitOf(20) },
    clock,
    logger,
    dataDir: config.dataDir,
  };
  const app = createApp({
    routes: allRoutes(context),
    mount: {
      database,
      trail,
      clock,
      tls: config.http.tls !== undefined,
      tlsProxy: config.http.tlsProxy,
      publicUrl: config.http.publicUrl,
      refusals: limitOf(300),
      watchers,
      lateRows,
    },
    webDir: options.webDir ?? (await builtPages(logger)),
    metrics,
    logger,
  });
  const stopRemoving = removeGoneExports({ database, archive: context.archive, background });
  const server = await listen(app, config.http);
  const url = urlOf(server, config.http);
  return {
    url,
    oneTimeLink: async () => {
      const key = (await database.keys.list()).find((each) => each.firstStart && each.revokedAt === null);
      if (key === undefined) throw new SidetoneError('not-found', 'there is no first-start key to sign in as');
      const actor = { kind: 'first-start-key', id: key.keyId, name: key.name } as const;
      // After the #: it reaches neither this server's log nor a proxy's.
      return `${config.http.publicUrl ?? url}/login#link=${await database.sessions.createLink(actor, linkLifetimeS)}`;
    },
    close: once(() =>
      closeAll([
        stopRemoving,
        () => hub.close(),
        () => watchers.close(),
        () => stop(server),
        () => lateRows.close(),
        () => background.settle(),
      ]),
    ),
  };
}

/** Calls are not to be refused because a page cannot be built: the API is there without, and the log says why. */
async function builtPages(logger: Logger): Promise<string> {
  try {
    return await ensureWebBuilt(logger);
  } catch (err) {
    logger.error({ err }, 'the pages cannot be built; there is only the API, and what was built before');
    return webOutDir;
  }
}

async function listen(app: Express, http: HttpServerOptions['config']['http']): Promise<Server> {
  const { tls } = http;
  const server = tls === undefined ? createHttpServer(app) : await secureServer(app, tls);
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(http.port, http.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

async function secureServer(
  app: Express,
  tls: { readonly certFile: string; readonly keyFile: string },
): Promise<Server> {
  try {
    return createHttpsServer({ cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) }, app);
  } catch (cause) {
    throw new SidetoneError('config-invalid', `http.tls: ${toError(cause).message}`, { cause });
  }
}

/** Requests in flight get a second. */
async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), 1000);
  await closed;
  clearTimeout(deadline);
}

function urlOf(server: Server, http: HttpServerOptions['config']['http']): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  const host = isUnspecified(http.host) ? 'localhost' : http.host.includes(':') ? `[${http.host}]` : http.host;
  return `${http.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}
