import type { Kysely, Selectable } from 'kysely';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError, unreachable } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type { Schema } from '../schema.ts';
import type { Actor, Identity, SessionStore } from '../types.ts';
import { newSecret, sha256 } from './secrets.ts';

export function createSessionStore(db: Kysely<Schema>, clock: Clock): SessionStore {
  const at = (inS: number): string => new Date(clock.nowEpochMs() + inS * 1000).toISOString();
  const sweep = async (): Promise<void> => {
    await db
      .deleteFrom('sessions')
      .where('expires_at', '<=', new Date(at(0)))
      .execute();
    await db
      .deleteFrom('login_links')
      .where('expires_at', '<=', new Date(at(0)))
      .execute();
  };
  return {
    create: async (actor, lifetimeS) => {
      await sweep();
      const identity = await identify(db, actor);
      if (identity === undefined) throw new SidetoneError('unauthenticated', 'nobody to make a session for');
      const token = newSecret();
      const sessionId = newId(clock.nowEpochMs());
      const expiresAt = at(lifetimeS);
      await db
        .insertInto('sessions')
        .values({
          session_id: sessionId,
          token_sha256: sha256(token),
          actor_kind: actor.kind,
          actor_id: actor.id,
          expires_at: expiresAt,
        })
        .execute();
      return { session: { ...identity, sessionId, expiresAt }, token };
    },
    find: async (token) => {
      const row = await db
        .selectFrom('sessions')
        .selectAll()
        .where('token_sha256', '=', sha256(token))
        .where('expires_at', '>', new Date(at(0)))
        .executeTakeFirst();
      const identity = row === undefined ? undefined : await identify(db, ofRow(row));
      if (row === undefined || identity === undefined) return undefined;
      return { ...identity, sessionId: row.session_id, expiresAt: row.expires_at.toISOString() };
    },
    end: async (token) => {
      await db.deleteFrom('sessions').where('token_sha256', '=', sha256(token)).execute();
    },
    createLink: async (actor, lifetimeS) => {
      await sweep();
      const token = newSecret();
      await db
        .insertInto('login_links')
        .values({ token_sha256: sha256(token), actor_kind: actor.kind, actor_id: actor.id, expires_at: at(lifetimeS) })
        .execute();
      return token;
    },
    redeemLink: async (token) => {
      // Deleting is taking: of two who come with the same link, one gets it.
      const row = await db
        .deleteFrom('login_links')
        .where('token_sha256', '=', sha256(token))
        .where('expires_at', '>', new Date(at(0)))
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? undefined : identify(db, ofRow(row));
    },
  };
}

type ActorRow = Pick<Selectable<Schema['sessions']>, 'actor_kind' | 'actor_id'>;

function ofRow(row: ActorRow): Pick<Actor, 'kind' | 'id'> {
  return { kind: row.actor_kind, id: row.actor_id };
}

/** Who that is now, with today's name and role; undefined once disabled, revoked or gone. */
async function identify(db: Kysely<Schema>, actor: Pick<Actor, 'kind' | 'id'>): Promise<Identity | undefined> {
  switch (actor.kind) {
    case 'user': {
      const user = await db
        .selectFrom('users')
        .select(['name', 'role'])
        .where('user_id', '=', actor.id)
        .where('disabled', '=', false)
        .executeTakeFirst();
      return user === undefined ? undefined : { actor: { ...actor, name: user.name }, role: user.role };
    }
    case 'key':
    case 'first-start-key': {
      const key = await db
        .selectFrom('api_keys')
        .select(['name', 'role'])
        .where('key_id', '=', actor.id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return key === undefined ? undefined : { actor: { ...actor, name: key.name }, role: key.role };
    }
    case 'system':
    case 'cli':
      return undefined;
    default:
      return unreachable(actor.kind);
  }
}
