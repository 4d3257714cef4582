import type { IncomingMessage } from 'node:http';
import type { Actor, Database, Identity } from '#db/types.ts';
import { sessionCookie } from './cookies.ts';

/** Who stands in an audit row when nobody is signed in. */
export const nobody: Actor = Object.freeze({ kind: 'system', id: 'anonymous', name: 'not signed in' });

export interface Identified {
  readonly identity: Identity | null;
  /** By cookie: then a change must also come from our own pages. */
  readonly byCookie: boolean;
  /** Who the same key or session stands for now; null when it is good no longer. @throws as `identify` */
  readonly again: () => Promise<Identity | null>;
}

export const anonymous: Identified = { identity: null, byCookie: false, again: () => Promise.resolve(null) };

/**
 * Who asks: by `Authorization: Bearer KEY`, else by the session cookie. A key that is wrong is nobody, also when a
 * good cookie comes along: what was said outright counts.
 * @throws SidetoneError `database-unavailable`
 */
export async function identify(request: IncomingMessage, database: Database): Promise<Identified> {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const secret = /^Bearer ([\w.~+/=-]{8,200})$/i.exec(authorization)?.[1];
    if (secret === undefined) return anonymous;
    const again = (): Promise<Identity | null> => identityOfKey(secret, database);
    return { identity: await again(), byCookie: false, again };
  }
  const token = sessionCookie(request.headers.cookie);
  if (token === undefined) return anonymous;
  const again = async (): Promise<Identity | null> => (await database.sessions.find(token)) ?? null;
  const identity = await again();
  return { identity, byCookie: identity !== null, again };
}

/** Null: no such key, or revoked. @throws SidetoneError `database-unavailable` */
export async function identityOfKey(secret: string, database: Pick<Database, 'keys'>): Promise<Identity | null> {
  const key = await database.keys.authenticate(secret);
  if (key === undefined) return null;
  const actor: Actor = { kind: key.firstStart ? 'first-start-key' : 'key', id: key.keyId, name: key.name };
  return { actor, role: key.role };
}
