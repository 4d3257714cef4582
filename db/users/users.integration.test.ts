import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresServer } from '#test/postgres.ts';
import { databaseKinds, makeStorage, type Storage } from '../test/storage.ts';
import type { Database } from '../types.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`who may look on ${kind.name}`, () => {
    let server: PostgresServer | null;
    let storage: Storage;
    let db: Database;
    beforeAll(async () => {
      server = await kind.start();
      storage = makeStorage(await server?.createDatabase());
      db = await storage.open();
      await db.whenReady();
    });
    afterAll(async () => {
      await db.close();
      await server?.close();
      storage.remove();
    });

    test('users, keys, sessions and exports', async () => {
      const user = await db.users.add({ name: 'Zoe', role: 'reader', password: 'a long password' });
      await expect(db.users.add({ name: 'zoe', role: 'admin', password: 'a long password' })).rejects.toMatchObject({
        code: 'bad-request',
      });
      await expect(db.users.add({ name: 'Yan', role: 'admin', password: 'short' })).rejects.toMatchObject({
        code: 'bad-request',
      });
      expect(await db.users.authenticate('ZOE', 'a long password')).toMatchObject({ userId: user.userId });
      expect(await db.users.authenticate('Zoe', 'a wrong password')).toBeUndefined();
      expect(await db.users.authenticate('No\0body', 'a long password')).toBeUndefined();

      const actor = { kind: 'user', id: user.userId, name: user.name } as const;
      const { token } = await db.sessions.create(actor, 60);
      await db.users.update(user.userId, { role: 'admin' });
      expect(await db.sessions.find(token)).toMatchObject({ actor, role: 'admin' });
      expect(await db.sessions.find((await db.sessions.create(actor, -1)).token)).toBeUndefined();
      await db.users.update(user.userId, { disabled: true });
      expect(await db.sessions.find(token)).toBeUndefined();
      expect(await db.users.authenticate('Zoe', 'a long password')).toBeUndefined();

      const { key, secret } = await db.keys.add({ name: 'pbx', role: 'reader' });
      expect(await db.keys.authenticate(secret)).toMatchObject({ keyId: key.keyId, role: 'reader' });
      await db.keys.revoke(key.keyId);
      expect(await db.keys.authenticate(secret)).toBeUndefined();

      // A disk that refuses the file: there is then no key in the database that nobody holds.
      mkdirSync(join(storage.dataDir, 'admin-key.new'));
      await expect(db.keys.ensureAdminKey()).rejects.toThrow('EISDIR');
      rmdirSync(join(storage.dataDir, 'admin-key.new'));
      const admin = await db.keys.ensureAdminKey();
      expect(admin).toMatchObject({ created: true, key: { role: 'admin', firstStart: true } });
      expect(await db.keys.ensureAdminKey()).toEqual({ ...admin, created: false });
      const first = { kind: 'first-start-key', id: admin.key?.keyId ?? '', name: 'first start' } as const;
      const link = await db.sessions.createLink(first, 60);
      expect(await db.sessions.redeemLink(link)).toEqual({ actor: first, role: 'admin' });
      expect(await db.sessions.redeemLink(link)).toBeUndefined();

      const record = {
        exportId: 'e1',
        madeBy: actor,
        madeAt: '2026-11-25T12:00:00.000Z',
        scope: { call: 'whole' },
        calls: 1,
        files: 3,
        bytes: 5_000_000_000,
        manifestSha256: 'cd'.repeat(32),
      };
      await db.exports.add(record);
      expect(await db.exports.get('e1')).toEqual({ ...record, goneBecause: null });
      expect(await db.exports.list({})).toEqual({ items: [{ ...record, goneBecause: null }], next: null });
    });
  });
}
