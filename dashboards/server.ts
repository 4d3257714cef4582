import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Express } from 'express';
import type { Duplex } from 'node:stream';
import { isUnspecified } from '#lib/addresses.ts';
import { systemClock } from '#lib/clock.ts';
import { BackgroundTasks, closeAll, once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { ApiContext } from './api/context.ts';
import { allRoutes } from './api/routes.ts';
import { isStreamsPath } from './auth/stream-secret.ts';
import { ensureWebBuilt, webOutDir } from './build.ts';
import { ExportArchive } from './exports/archive.ts';
import { removeGoneExports } from './exports/gone.ts';
import { createApp } from './http/app.ts';
import { AuditTrail } from './http/audit-trail.ts';
import { LateRows } from './http/late-rows.ts';
import { RateLimit } from './http/rate-limit.ts';
import { StreamDoor } from './http/stream-door.ts';
import { HandInRecord } from './ingest/hand-in-record.ts';
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
  const handIns = new HandInRecord({ database, trail, masks: options.masks, logger });
  const limitOf = (limit: number): RateLimit =>
    new RateLimit({ limit, windowMs: quarterHourMs, maxKeys: maxAddresses }, clock);
  const context: ApiContext = {
    database,
    hub,
    watchers,
    live: options.live,
    recordings: options.recordings,
    calls: options.calls,
    ingest: options.ingest,
    corrections: options.corrections,
    speakers: options.speakers,
    sources: options.sources,
    streams: options.streams,
    models: options.models,
    masks: options.masks,
    readiness: options.readiness,
    metrics,
    trail,
    handIns,
    archive: new ExportArchive(config.dataDir),
    linksFromAnywhere: config.http.publicUrl !== undefined,
    logins: { byAddress: limitOf(10), byName: limitOf(20) },
    clock,
    logger,
    config,
  };
  const refusals = limitOf(300);
  const door = new StreamDoor({
    database,
    streams: options.streams,
    sources: options.sources,
    trail,
    refusals,
    logger,
    tlsProxy: config.http.tlsProxy,
    publicUrl: config.http.publicUrl,
    host: config.http.host,
    allow: config.streams.allow,
    trunks: config.trunks,
  });
  const app = createApp({
    routes: allRoutes(context),
    mount: {
      database,
      trail,
      clock,
      tls: config.http.tls !== undefined,
      tlsProxy: config.http.tlsProxy,
      publicUrl: config.http.publicUrl,
      refusals,
      watchers,
      lateRows,
    },
    webDir: options.webDir ?? (await builtPages(logger)),
    metrics,
    logger,
  });
  const stopRemoving = removeGoneExports({ database, archive: context.archive, background });
  const server = await listen(app, door, config.http);
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
        () => stop(server, door),
        () => lateRows.close(),
        () => handIns.close(),
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

/** Of upgrades only those to streams are taken up; any other (curl asks for HTTP/2 so) is a request like the rest. */
const upgrades: ServerOptions = { shouldUpgradeCallback: ({ url }) => isStreamsPath(url) };

async function listen(app: Express, door: StreamDoor, http: HttpServerOptions['config']['http']): Promise<Server> {
  const { tls } = http;
  const server = tls === undefined ? createHttpServer(upgrades, app) : await secureServer(app, tls);
  server.on('upgrade', (request, socket: Duplex, head) => door.upgrade(request, socket, head));
  server.headersTimeout = 10_000;
  // http/slow-bodies.ts does it, and knows of uploads.
  server.requestTimeout = 0;
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
    const identity = { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) };
    return createHttpsServer({ ...upgrades, ...identity }, app);
  } catch (cause) {
    throw new SidetoneError('config-invalid', `http.tls: ${toError(cause).message}`, { cause });
  }
}

/** Requests in flight get a second; streams have been told by those who end their calls. */
async function stop(server: Server, door: StreamDoor): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const deadline = setTimeout(() => {
    server.closeAllConnections();
    door.destroyAll();
  }, 1000);
  await closed;
  clearTimeout(deadline);
}

function urlOf(server: Server, http: HttpServerOptions['config']['http']): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  const host = isUnspecified(http.host) ? 'localhost' : http.host.includes(':') ? `[${http.host}]` : http.host;
  return `${http.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}
