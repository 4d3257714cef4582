import { afterAll, beforeAll } from 'vitest';
import type { PostgresServer } from '#test/postgres.ts';
import type { Database } from '../types.ts';
import { makeStorage, type DatabaseKind, type Storage } from './storage.ts';

/** A database of its own, for the tests of one `describe`; there once they run. */
export interface DatabaseHouse {
  readonly storage: Storage;
  readonly db: Database;
}

/** Opened and ready before the tests, and removed after them. */
export function useDatabase(kind: DatabaseKind): DatabaseHouse {
  const house: { server: PostgresServer | null; storage?: Storage; db?: Database } = { server: null };
  beforeAll(async () => {
    house.server = await kind.start();
    house.storage = makeStorage(await house.server?.createDatabase());
    house.db = await house.storage.open();
    await house.db.whenReady();
  });
  afterAll(async () => {
    await house.db?.close();
    await house.server?.close();
    house.storage?.remove();
  });
  const there = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('no test is running');
    return part;
  };
  return {
    get storage() {
      return there(house.storage);
    },
    get db() {
      return there(house.db);
    },
  };
}
