import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { postgresKinds, type PostgresServer } from '#test/postgres.ts';
import { databaseKinds, makeStorage, type Storage } from '../test/storage.ts';
import type { Database } from '../types.ts';
import { supervisePglite } from './pglite-process.ts';
import { openPool, type PoolTimes, type Target } from './pool.ts';

/** Shorter than the queries below take. */
const hasty: PoolTimes = { connectMs: 150, queryMs: 60_000, probeMs: 150, longMs: 60_000, statementMs: 200 };
/** Work for a second or so, or for minutes. */
const busyFor = (rows: number): string =>
  `select count(*) from generate_series(1, ${rows}) as n where md5(n::text) = ''`;

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`connections to ${kind.name}`, () => {
    let server: PostgresServer | null;
    let storage: Storage;
    let db: Database | undefined;
    let target: Target;
    beforeAll(async () => {
      server = await kind.start();
      const url = await server?.createDatabase();
      storage = makeStorage(url);
      if (url === undefined) {
        db = await storage.open();
        await db.whenReady();
      }
      target =
        url === undefined ? { kind: 'pglite', directory: storage.runtimeDir, port: 5432 } : { kind: 'postgres', url };
    });
    afterAll(async () => {
      await db?.close();
      await server?.close();
      storage.remove();
    });

    test('a database that is busy is there: slow queries never make it be taken for lost', async () => {
      const pool = openPool(target, () => undefined, { ...hasty, statementMs: 0 });
      const slow = Array.from({ length: 8 }, () =>
        sql
          .raw(busyFor(800_000))
          .execute(pool.early)
          .catch(() => undefined),
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      await expect(pool.probe()).resolves.toBeUndefined();
      await Promise.all(slow);
      await pool.end();
    });

    test('closing waits a moment for what runs and then cuts it off', async () => {
      const pool = openPool(target, () => undefined);
      const cut = pool.runLong(busyFor(kind.name === 'PGlite' ? 3_000_000 : 1_000_000_000)).then(
        () => 'done',
        (thrown: unknown) => (thrown as { code?: string }).code,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      await pool.end(50);
      expect(await cut).toBe('database-unavailable');
    });
  });
}

for (const kind of postgresKinds) {
  test.skipIf(!kind.available)(`on ${kind.name} a long statement may outlast the limit of the others`, async () => {
    const server = await kind.start();
    const pool = openPool({ kind: 'postgres', url: await server.createDatabase() }, () => undefined, hasty);
    await expect(sql`select pg_sleep(0.5)`.execute(pool.early)).rejects.toMatchObject({ code: '57014' });
    await pool.runLong('select pg_sleep(0.5)');
    // The limit is back for whoever comes next.
    await expect(sql`select pg_sleep(0.5)`.execute(pool.early)).rejects.toMatchObject({ code: '57014' });
    await pool.end();
    await server.close();
  });
}

describe('a PGlite that cannot start', () => {
  const attempt = async (folder: string): Promise<{ died: number; restarts: number; pid: number | undefined }> => {
    const storage = makeStorage();
    let died = 0;
    const pglite = supervisePglite({
      folder,
      runtimeDir: storage.runtimeDir,
      logger: silentLogger,
      onDied: () => {
        died += 1;
      },
    });
    for (let tries = 0; tries < 2; tries += 1)
      await expect(pglite.ensure()).rejects.toMatchObject({ code: 'database-unavailable' });
    const { restarts, pid } = pglite;
    await pglite.close();
    storage.remove();
    return { died, restarts, pid };
  };

  test('says so each time it is asked for, and is no reason to hurry', async () => {
    expect(await attempt('/dev/null/pglite')).toEqual({ died: 0, restarts: 1, pid: undefined });
  });

  test('a process that cannot even be made is no crash of ours', async () => {
    const { execPath } = process;
    process.execPath = '/nowhere/node';
    try {
      expect(await attempt('/dev/null/pglite')).toEqual({ died: 0, restarts: 1, pid: undefined });
    } finally {
      process.execPath = execPath;
    }
  });
});
