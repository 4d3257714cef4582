import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { clientAddress } from './client-address.ts';
import { mountRoute, type MountContext } from './mount.ts';
import { pages, securityHeaders } from './pages.ts';
import { HttpProblem, toProblem } from './problems.ts';
import type { Route } from './route.ts';
import { hurryBodies } from './slow-bodies.ts';

const maxBodyBytes = 64 * 1024;

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly mount: MountContext;
  readonly webDir: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Headers, access log, body, routes, pages, problems; in this order. */
export function createApp(options: AppOptions): Express {
  const { routes, mount, webDir, logger } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(accessLog(options));
  app.use(securityHeaders(mount.tls || mount.tlsProxy));
  app.use(hurryBodies({ bodyMs: 30_000, lingerMs: 5000 }));
  app.use('/api', express.json({ limit: maxBodyBytes, strict: true }));
  const methods = new Map<string, Set<string>>();
  for (const each of routes) {
    const path = each.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app[each.method](
      path,
      (_request, response, next) => {
        response.locals['route'] = each.path;
        next();
      },
      mountRoute(each, mount),
    );
    methods.set(path, (methods.get(path) ?? new Set()).add(each.method.toUpperCase()));
  }
  for (const [path, allowed] of methods) {
    app.all(path, () => {
      throw new HttpProblem('method-not-allowed', 'this address does not take that method', {
        headers: { Allow: [...allowed].join(', ') },
      });
    });
  }
  app.use(pages(webDir));
  app.use(() => {
    throw new HttpProblem('not-found', 'there is nothing at this address');
  });
  app.use(problemAnswers(logger));
  return app;
}

/** One line a request: the route's pattern instead of its path's ids, and never a query string. */
function accessLog({ logger, metrics, mount }: AppOptions): RequestHandler {
  const seconds = metrics.histogram(
    'sidetone_http_request_seconds',
    'Time to answer a request; event streams are left out',
    [0.005, 0.02, 0.1, 0.5, 2, 10],
    ['status'],
  );
  return (request, response, next) => {
    const startedMs = mount.clock.nowMs();
    response.once('close', () => {
      const durationMs = Math.round(mount.clock.nowMs() - startedMs);
      const route: unknown = response.locals['route'];
      const isStream = String(response.getHeader('content-type')).startsWith('text/event-stream');
      if (!isStream) seconds.observe(durationMs / 1000, { status: `${Math.floor(response.statusCode / 100)}xx` });
      logger.debug(
        {
          method: request.method,
          route: typeof route === 'string' ? route : 'page',
          status: response.statusCode,
          durationMs,
          address: clientAddress(request, mount.tlsProxy),
        },
        'http request',
      );
    });
    next();
  };
}

function problemAnswers(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    const problem = toProblem(thrown);
    if (problem.status >= 500 && problem.code !== 'not-ready') {
      // A database that is away is told once by the database itself; each request need not say where it found out.
      const known = problem.status === 503 ? {} : { err: problem.cause };
      logger.warn({ code: problem.code, route: response.locals['route'] as unknown, ...known }, 'http request failed');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const name of ['Content-Length', 'Content-Disposition', 'Accept-Ranges']) response.removeHeader(name);
    response.status(problem.status).set(problem.headers);
    response.type('application/problem+json').send(JSON.stringify(problem.body()));
  };
}
