import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { postgresKinds } from '#test/postgres.ts';

const dir = mkdtempSync(join(tmpdir(), 'st-doctor-'));
afterAll(() => rmSync(dir, { recursive: true }));

interface Check {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
}
function doctor(environment: Readonly<Record<string, string>>, name: string): Check | undefined {
  const { stdout } = spawnSync(join(import.meta.dirname, '../sidetone'), ['doctor', '--json'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, SIDETONE_HTTP_PORT: '0', SIDETONE_SIP_PORT: '0', ...environment },
  });
  return (JSON.parse(stdout) as readonly Check[]).find((check) => check.name === name);
}

test('a proxy without a public URL is pointed out', () => {
  expect(doctor({ SIDETONE_HTTP_TLS_PROXY: 'true' }, 'public URL')?.state).toBe('warning');
  const told = { SIDETONE_HTTP_TLS_PROXY: 'true', SIDETONE_PUBLIC_URL: 'https://calls.example' };
  expect(doctor(told, 'public URL')).toBeUndefined();
});

test('a PostgreSQL that is not there is wrong, and its address and password are not told', () => {
  const check = doctor({ DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/x' }, 'database');
  expect(check).toEqual({ name: 'database', state: 'wrong', detail: 'cannot be reached: ECONNREFUSED' });
});

test.skipIf(!postgresKinds[0]?.available)('a PostgreSQL that answers says which it is', async () => {
  const server = await postgresKinds[0]!.start();
  try {
    const check = doctor({ DATABASE_URL: await server.createDatabase() }, 'database');
    expect(check).toEqual({ name: 'database', state: 'ok', detail: 'PostgreSQL 15 answers' });
  } finally {
    await server.close();
  }
});
