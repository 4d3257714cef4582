import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useDatabase } from '../test/house.ts';
import { databaseKinds } from '../test/storage.ts';
import type { UserRole } from '../types.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`who may look on ${kind.name}`, () => {
    const house = useDatabase(kind);

    test('users, keys, sessions and exports', async () => {
      const user = await house.db.users.add({ name: 'Zoe', role: 'reader', password: 'a long password' });
      await expect(
        house.db.users.add({ name: 'zoe', role: 'admin', password: 'a long password' }),
      ).rejects.toMatchObject({
        code: 'bad-request',
      });
      await expect(house.db.users.add({ name: 'Yan', role: 'admin', password: 'short' })).rejects.toMatchObject({
        code: 'bad-request',
      });
      expect(await house.db.users.authenticate('ZOE', 'a long password')).toMatchObject({ userId: user.userId });
      expect(await house.db.users.authenticate('Zoe', 'a wrong password')).toBeUndefined();
      expect(await house.db.users.authenticate('No\0body', 'a long password')).toBeUndefined();

      const actor = { kind: 'user', id: user.userId, name: user.name } as const;
      const { token } = await house.db.sessions.create(actor, 60);
      await house.db.users.update(user.userId, { role: 'admin' });
      expect(await house.db.sessions.find(token)).toMatchObject({ actor, role: 'admin' });
      expect(await house.db.sessions.find((await house.db.sessions.create(actor, -1)).token)).toBeUndefined();
      await house.db.users.update(user.userId, { disabled: true });
      expect(await house.db.sessions.find(token)).toBeUndefined();
      expect(await house.db.users.authenticate('Zoe', 'a long password')).toBeUndefined();

      const { key, secret } = await house.db.keys.add({ name: 'pbx', role: 'sender' });
      expect(await house.db.keys.authenticate(secret)).toMatchObject({ keyId: key.keyId, role: 'sender' });
      const sender = { name: 'Pbx', role: 'sender' as UserRole, password: 'a long password' };
      await expect(house.db.users.add(sender)).rejects.toMatchObject({ code: 'bad-request' });
      await expect(house.db.users.update(user.userId, { role: sender.role })).rejects.toMatchObject({
        code: 'bad-request',
      });
      await house.db.keys.revoke(key.keyId);
      expect(await house.db.keys.authenticate(secret)).toBeUndefined();

      // A disk that refuses the file: there is then no key in the database that nobody holds.
      mkdirSync(join(house.storage.dataDir, 'admin-key.new'));
      await expect(house.db.keys.ensureAdminKey()).rejects.toThrow('EISDIR');
      rmdirSync(join(house.storage.dataDir, 'admin-key.new'));
      const admin = await house.db.keys.ensureAdminKey();
      expect(admin).toMatchObject({ created: true, key: { role: 'admin', firstStart: true } });
      expect(await house.db.keys.ensureAdminKey()).toEqual({ ...admin, created: false });
      const first = { kind: 'first-start-key', id: admin.key?.keyId ?? '', name: 'first start' } as const;
      const link = await house.db.sessions.createLink(first, 60);
      expect(await house.db.sessions.redeemLink(link)).toEqual({ actor: first, role: 'admin' });
      expect(await house.db.sessions.redeemLink(link)).toBeUndefined();

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
      await house.db.exports.add(record);
      expect(await house.db.exports.get('e1')).toEqual({ ...record, correctedAt: null, goneBecause: null });
      expect(await house.db.exports.list({})).toEqual({
        items: [{ ...record, correctedAt: null, goneBecause: null }],
        next: null,
      });
    });
  });
}
