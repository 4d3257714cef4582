import { readFileSync, readdirSync } from 'node:fs';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { databaseKinds, makeStorage } from './test/storage.ts';

/**
 * schema.ts and schema/ are written by hand: here they are read as text and held to the migrated database, column by column, with
 * whether it may be null.
 */
const sqlTypes: readonly (readonly [RegExp, string])[] = [
  [/^(Time|NullableTime)$/, 'timestamp with time zone'],
  [/^(Nullable)?Jsonb</, 'jsonb'],
  [/^Derived<string>$/, 'tsvector'],
  [/^Derived<number \| null>$/, 'number'],
  [/^Derived<\w+ \| null>$/, 'text'],
  [/^(Generated<)?number/, 'number'],
  [/^Buffer/, 'bytea'],
  [/^boolean/, 'boolean'],
  [/^(Generated<)?string\[\]/, 'ARRAY'],
  // Strings and unions of words.
  [/./, 'text'],
];

function declared(): readonly string[] {
  const folder = new URL('./schema/', import.meta.url);
  const source = [new URL('./schema.ts', import.meta.url), ...readdirSync(folder).map((name) => new URL(name, folder))]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replaceAll(/\/\*\*[^]*?\*\//g, '');
  const tables = [...(/interface Schema \{([^}]*)\}/.exec(source)?.[1] ?? '').matchAll(/(\w+): (\w+);/g)];
  return tables.flatMap(([, table = '', name = '']) => {
    const body = new RegExp(`interface ${name} \\{([^]*?)\\n\\}`).exec(source)?.[1] ?? '';
    return [...body.matchAll(/^ {2}(\w+): (.*);$/gm)].map(([, column = '', type = '']) => {
      const sqlType = sqlTypes.find(([pattern]) => pattern.test(type))?.[1] ?? '';
      const nullable = /\| null\b/.test(type.replace(/^Jsonb<.*$/, '')) || type.startsWith('Nullable');
      return `${table}.${column} ${sqlType}${nullable ? ' null' : ''}`;
    });
  });
}

const numbers = ['integer', 'bigint', 'double precision'];

for (const kind of databaseKinds) {
  test.skipIf(!kind.available)(`the typed schema is that of ${kind.name}, migrated from empty`, async () => {
    const server = await kind.start();
    const storage = makeStorage(await server?.createDatabase());
    const db = await storage.open();
    await db.whenReady();
    const inspector = storage.inspect();
    const { rows } = await sql<{ table: string; column: string; type: string; nullable: string }>`
      select table_name as table, column_name as column, data_type as type, is_nullable as nullable
      from information_schema.columns
      where table_schema = 'public' and table_name not like 'kysely_%'`.execute(inspector.early);
    const found = rows.map(({ table, column, type, nullable }) => {
      const name = numbers.includes(type) ? 'number' : type;
      return `${table}.${column} ${name}${nullable === 'YES' ? ' null' : ''}`;
    });
    expect(found.sort()).toEqual([...declared()].sort());
    await inspector.end();
    await db.close();
    await server?.close();
    storage.remove();
  });
}

describe('a database that is not ours', () => {
  const postgres = databaseKinds.find((kind) => kind.name !== 'PGlite' && kind.available);
  test.skipIf(postgres === undefined)(
    'a migration that is refused keeps it from being ready, and says so',
    async () => {
      const server = await postgres?.start();
      const storage = makeStorage(await server?.createDatabase());
      const inspector = storage.inspect();
      await sql`create table calls (nothing integer)`.execute(inspector.early);
      const db = await storage.open();
      await expect.poll(() => db.status().trouble, { timeout: 10_000 }).toBe('refused with SQLSTATE 42P07');
      expect(db.ready).toBe(false);
      await sql`drop table calls`.execute(inspector.early);
      await db.whenReady();
      await inspector.end();
      await db.close();
      await server?.close();
      storage.remove();
    },
  );

  test('one that a later version has migrated is left alone, and says so', async () => {
    const storage = makeStorage();
    let db = await storage.open();
    await db.whenReady();
    const inspector = storage.inspect();
    await sql`insert into kysely_migration values ('9999-from-the-future', now()::text)`.execute(inspector.early);
    await inspector.end();
    await db.close();
    db = await storage.open();
    await expect.poll(() => db.status().trouble, { timeout: 20_000 }).toBe('migration-failed');
    await db.close();
    storage.remove();
  });
});
