import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { makeStorage } from '../test/storage.ts';
import { endedCall, sampleUtterance } from '../test/samples.ts';
import { Upkeep } from './upkeep.ts';

test('after so many writes PGlite knows what its tables hold', async () => {
  const storage = makeStorage();
  const db = await storage.open();
  db.store.write({ op: 'call', call: endedCall('c1') });
  for (let index = 0; index < 100; index += 1)
    db.store.write({ op: 'utterance', utterance: sampleUtterance('c1', `words ${index}`) });
  await db.whenReady();
  await db.flush();
  const pool = storage.inspect();
  const known = async (): Promise<number> =>
    (
      await sql<{ tuples: number }>`select reltuples as tuples from pg_class where relname = 'utterances'`.execute(
        pool.early,
      )
    ).rows[0]?.tuples ?? 0;
  const upkeep = new Upkeep(pool, silentLogger, 100);
  upkeep.wrote(99);
  await upkeep.settle();
  expect(await known()).toBe(-1);
  upkeep.wrote(1);
  await upkeep.settle();
  expect(await known()).toBe(100);
  await pool.end();
  await db.close();
  storage.remove();
});
