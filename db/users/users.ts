import type { Kysely, Selectable } from 'kysely';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type { Schema } from '../schema.ts';
import { storableText } from '../storable.ts';
import { roles, userRoles, type Role, type User, type UserStore } from '../types.ts';
import { checkPassword, hashPassword, maxPasswordChars, minPasswordChars } from './passwords.ts';

/** Hashed once, so that a name nobody has takes as long to refuse as a wrong password. */
let nobody: Promise<string> | undefined;

export function createUserStore(db: Kysely<Schema>, clock: Clock): UserStore {
  const now = (): string => new Date(clock.nowEpochMs()).toISOString();
  const columns = ['user_id', 'name', 'role', 'disabled', 'created_at', 'last_login_at'] as const;
  return {
    list: async () => {
      const rows = await db.selectFrom('users').select(columns).orderBy('name').execute();
      return rows.map(toUser);
    },
    get: async (userId) => {
      const row = await db.selectFrom('users').select(columns).where('user_id', '=', userId).executeTakeFirst();
      return row === undefined ? undefined : toUser(row);
    },
    add: async ({ name, role, password }) => {
      checkName(name);
      checkRole(role, userRoles);
      checkStrength(password);
      const row = await db
        .insertInto('users')
        .values({
          user_id: newId(clock.nowEpochMs()),
          name,
          role,
          password: await hashPassword(password),
          disabled: false,
          created_at: now(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(columns)
        .executeTakeFirst();
      if (row === undefined) throw new SidetoneError('bad-request', 'a user of that name exists');
      return toUser(row);
    },
    update: async (userId, change) => {
      if (change.role !== undefined) checkRole(change.role, userRoles);
      if (change.password !== undefined) checkStrength(change.password);
      const password = change.password === undefined ? undefined : await hashPassword(change.password);
      return db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable('users')
          .set((eb) => ({
            role: change.role ?? eb.ref('role'),
            disabled: change.disabled ?? eb.ref('disabled'),
            password: password ?? eb.ref('password'),
          }))
          .where('user_id', '=', userId)
          .returning(columns)
          .executeTakeFirst();
        if (row === undefined) throw new SidetoneError('not-found', 'no such user');
        if (password !== undefined || change.disabled === true)
          await trx.deleteFrom('sessions').where('actor_id', '=', userId).execute();
        return toUser(row);
      });
    },
    authenticate: async (name, password) => {
      const row = await db
        .selectFrom('users')
        .select([...columns, 'password'])
        .where((eb) => eb(eb.fn('lower', ['name']), '=', eb.fn('lower', [eb.val(storableName(name))])))
        .executeTakeFirst();
      nobody ??= hashPassword(newId());
      const good = await checkPassword(password, row?.password ?? (await nobody));
      if (row === undefined || !good || row.disabled) return undefined;
      const loggedIn = await db
        .updateTable('users')
        .set({ last_login_at: now() })
        .where('user_id', '=', row.user_id)
        .where('disabled', '=', false)
        .returning(columns)
        .executeTakeFirst();
      return loggedIn === undefined ? undefined : toUser(loggedIn);
    },
  };
}

function toUser(row: Omit<Selectable<Schema['users']>, 'password'>): User {
  return {
    userId: row.user_id,
    name: row.name,
    role: row.role,
    disabled: row.disabled,
    createdAt: row.created_at.toISOString(),
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
  };
}

/** @throws SidetoneError `bad-request` */
export function checkName(name: string): void {
  if (name.trim() !== name || name.length < 1 || name.length > 100 || /\p{Cc}/u.test(name) || !name.isWellFormed())
    throw new SidetoneError('bad-request', 'a name is 1 to 100 characters, no spaces at its ends');
}

/** @throws SidetoneError `bad-request` */
export function checkRole(role: Role, allowed: readonly Role[] = roles): void {
  if (!allowed.includes(role)) throw new SidetoneError('bad-request', `a role is one of ${allowed.join(', ')}`);
}

function checkStrength(password: string): void {
  if (password.length < minPasswordChars || password.length > maxPasswordChars)
    throw new SidetoneError('bad-request', `a password has ${minPasswordChars} to ${maxPasswordChars} characters`);
}

/** What a stranger typed: Postgres takes no U+0000. */
function storableName(name: string): string {
  return storableText(name.slice(0, 100));
}
