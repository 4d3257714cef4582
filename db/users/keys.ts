import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely, Selectable } from 'kysely';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type { Schema } from '../schema.ts';
import type { ApiKey, KeyStore, Role } from '../types.ts';
import { writeWhole } from '../whole-file.ts';
import { newSecret, sha256 } from './secrets.ts';
import { checkName, checkRole } from './users.ts';

const secretPrefix = 'st_';
const shownChars = 9;
const secretPattern = /^st_[\w-]{43}$/;
const usedEveryMs = 60_000;

export function createKeyStore(db: Kysely<Schema>, dataDir: string, clock: Clock): KeyStore {
  const now = (): string => new Date(clock.nowEpochMs()).toISOString();
  const insert = async (secret: string, name: string, role: Role, firstStart: boolean): Promise<ApiKey | undefined> => {
    const row = await db
      .insertInto('api_keys')
      .values({
        key_id: newId(clock.nowEpochMs()),
        name,
        role,
        prefix: secret.slice(0, shownChars),
        secret_sha256: sha256(secret),
        first_start: firstStart,
        created_at: now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toKey(row);
  };

  return {
    list: async () => {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('key_id')
        .execute();
      return rows.map(toKey);
    },
    add: async ({ name, role }) => {
      checkName(name);
      checkRole(role);
      const secret = newSecret(secretPrefix);
      const key = await insert(secret, name, role, false);
      if (key === undefined) throw new Error('two random secrets were the same');
      return { key, secret };
    },
    revoke: (keyId) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable('api_keys')
          .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val<string>(now())) as never }))
          .where('key_id', '=', keyId)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw new SidetoneError('not-found', 'no such key');
        await trx.deleteFrom('sessions').where('actor_id', '=', keyId).execute();
        return toKey(row);
      }),
    authenticate: async (secret) => {
      if (!secretPattern.test(secret)) return undefined;
      const row = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('secret_sha256', '=', sha256(secret))
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const lastUsedMs = row.last_used_at?.getTime() ?? 0;
      if (clock.nowEpochMs() - lastUsedMs >= usedEveryMs)
        await db.updateTable('api_keys').set({ last_used_at: now() }).where('key_id', '=', row.key_id).execute();
      return toKey(row);
    },
    ensureAdminKey: async () => {
      const path = join(dataDir, 'admin-key');
      const known = readKeyFile(path);
      if (known !== undefined) {
        await insert(known, 'first start', 'admin', true);
        const row = await db
          .selectFrom('api_keys')
          .selectAll()
          .where('secret_sha256', '=', sha256(known))
          .executeTakeFirst();
        return { path, created: false, key: row === undefined ? undefined : toKey(row) };
      }
      // Somebody took the file away on purpose, or revoked the key: no second one appears.
      const earlier = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('first_start', '=', true)
        .orderBy('created_at')
        .executeTakeFirst();
      if (earlier !== undefined) return { path, created: false, key: toKey(earlier) };
      const secret = newSecret(secretPrefix);
      // The file first: a crash in between leaves a key that the next start puts into the database, and never the
      // database with a key that nobody holds.
      writeWhole(path, `${secret}\n`);
      const key = await insert(secret, 'first start', 'admin', true);
      return { path, created: true, key };
    },
  };
}

/** @throws SidetoneError `config-invalid` when the file is there but holds no key */
function readKeyFile(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  if (!secretPattern.test(text)) throw new SidetoneError('config-invalid', `not an admin key: ${path}`);
  return text;
}

function toKey(row: Selectable<Schema['api_keys']>): ApiKey {
  return {
    keyId: row.key_id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    firstStart: row.first_start,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
