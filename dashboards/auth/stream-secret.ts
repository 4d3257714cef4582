import type { IncomingMessage } from 'node:http';

/** Where senders of sound open their WebSocket; with the key behind it where they can say it no other way. */
export const streamsPath = '/api/v1/streams';

const key = /^[\w.~+/=-]{8,200}$/;

/**
 * The API key of a sender of sound. What each can send: `Authorization: Bearer KEY` (own programs), `Authorization:
 * Basic` with the key as password (FreeSWITCH's mod_audio_fork, jambonz), `?token=KEY` (what takes a bare URL), and the
 * key as the last part of the path (Twilio, whose streams take neither headers nor a query). Undefined: none was said.
 */
export function streamSecret(request: IncomingMessage): string | undefined {
  const secret = said(request);
  // What is no key is nobody's, and not the same as none.
  return secret === undefined || key.test(secret) ? secret : 'not-a-key';
}

function said({ headers: { authorization }, url = '' }: IncomingMessage): string | undefined {
  if (authorization !== undefined) {
    const [scheme = '', value = ''] = authorization.split(' ');
    if (scheme.toLowerCase() === 'bearer') return value;
    const pair = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
    return pair.slice(pair.indexOf(':') + 1);
  }
  const { pathname, searchParams } = new URL(url, 'http://streams.invalid');
  const token = searchParams.get('token');
  if (token !== null) return token;
  return pathname.startsWith(`${streamsPath}/`) ? pathname.slice(streamsPath.length + 1) : undefined;
}

export function isStreamsPath(url = ''): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return path === streamsPath || path.startsWith(`${streamsPath}/`);
}
