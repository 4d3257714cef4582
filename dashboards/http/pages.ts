import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type RequestHandler, type Response, type Router } from 'express';
import helmet from 'helmet';
import { systemCode } from '#lib/errors.ts';
import { HttpProblem } from './problems.ts';

const nonceMark = '%STYLE_NONCE%';

/**
 * Headers of every answer. Nothing is loaded from anywhere but this server, no script is inline; the one thing that
 * needs a nonce is the style sheet that the waveform puts into its shadow root.
 */
export function securityHeaders(tls: boolean): RequestHandler {
  const policy = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", (_request, response) => `'nonce-${nonceOf(response as Response)}'`],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        mediaSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    strictTransportSecurity: tls ? { maxAge: 31_536_000 } : false,
    xFrameOptions: { action: 'deny' },
  });
  return (request, response, next) => {
    response.locals['nonce'] = randomBytes(16).toString('base64url');
    response.set('Cache-Control', 'no-store');
    policy(request, response, next);
  };
}

function nonceOf(response: Response): string {
  return String(response.locals['nonce']);
}

/** The built pages: hashed files for ever, and one HTML file for every address that is not the API's. */
export function pages(webDir: string): Router {
  const router = express.Router();
  router.use(
    '/assets',
    express.static(join(webDir, 'assets'), {
      index: false,
      redirect: false,
      setHeaders: (response) => response.setHeader('Cache-Control', 'public, max-age=31536000, immutable'),
    }),
  );
  router.use(async (request, response, next) => {
    const isPage = ['GET', 'HEAD'].includes(request.method) && !/^\/(api|assets)(\/|$)/.test(request.path);
    if (!isPage || request.accepts('html') === false) {
      next();
      return;
    }
    const html = await readFile(join(webDir, 'index.html'), 'utf8').catch((thrown: unknown) => {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
      throw new HttpProblem('not-found', 'the pages have not been built', { cause: thrown });
    });
    response.type('html').send(html.replace(nonceMark, nonceOf(response)));
  });
  return router;
}
