import type { IncomingMessage } from 'node:http';
import type { Actor, Database, Identity } from '#db/types.ts';
import { sessionCookie } from './cookies.ts';

/** Who stands in an audit row when nobody is signed in. */
export const nobody: Actor = Object.freeze({ kind: 'system', id: 'anonymous', name: 'not signed in' });

export interface Identified {
  readonly identity: Identity | null;
  /** By cookie: then a change must also come from our own pages. */
  readonly byCookie: boolean;
}

/**
 * Who asks: by `Authorization: Bearer KEY`, else by the session cookie. A key that is wrong is nobody, also when a
 * good cookie comes along: what was said outright counts.
 * @throws SidetoneError `database-unavailable`
 */
export async function identify(request: IncomingMessage, database: Database): Promise<Identified> {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const secret = /^Bearer ([\w.~+/=-]{8,200})$/i.exec(authorization)?.[1];
    const key = secret === undefined ? undefined : await database.keys.authenticate(secret);
    if (key === undefined) return { identity: null, byCookie: false };
    const actor: Actor = { kind: key.firstStart ? 'first-start-key' : 'key', id: key.keyId, name: key.name };
    return { identity: { actor, role: key.role }, byCookie: false };
  }
  const token = sessionCookie(request.headers.cookie);
  const session = token === undefined ? undefined : await database.sessions.find(token);
  return { identity: session ?? null, byCookie: session !== undefined };
}
