import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback, plainAddress } from '#lib/addresses.ts';

/**
 * Who is asking. Behind a declared TLS proxy the last entry of X-Forwarded-For (the one that the proxy itself added)
 * is believed when the proxy's connection comes from loopback; otherwise the header is whatever a client likes.
 */
export function clientAddress(request: IncomingMessage, tlsProxy: boolean): string {
  const peer = plainAddress(request.socket.remoteAddress ?? '');
  if (!tlsProxy || !isLoopback(peer)) return peer;
  const forwarded = request.headers['x-forwarded-for'];
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',').at(-1)?.trim() ?? '';
  return isIP(last) === 0 ? peer : plainAddress(last);
}

/** Browsers say with each WebSocket which page opens it (RFC 6455 section 4.1); of others only a few do. */
export function comesFromPage({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/**
 * Is a state-changing request with a cookie from our own pages? Browsers send Origin (or Sec-Fetch-Site) with each such
 * request; a client that is no browser sends neither, and then no ambient cookie is at stake that SameSite=Strict
 * would not already keep back. `publicUrl` is ours too: a proxy need not pass on the host that it was asked for.
 */
export function isSameOrigin(request: IncomingMessage, publicUrl?: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') return false;
  const origin = request.headers.origin;
  if (origin === undefined || origin === publicUrl) return true;
  const host = request.headers.host ?? '';
  const parsed = URL.canParse(origin) ? new URL(origin) : undefined;
  return parsed !== undefined && parsed.host === host;
}
