import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '#lib/config/load.ts';
import { ApiClient } from './api-client.ts';

const dir = mkdtempSync(join(tmpdir(), 'st-cli-'));
afterAll(() => rmSync(dir, { recursive: true }));

const sidetone = (...args: string[]) =>
  spawnSync(join(import.meta.dirname, 'sidetone'), args, { cwd: dir, encoding: 'utf8' });

test.each([
  ['an argument is missing', ['search'], 2, 'missing required argument'],
  ['an option of a command of a command is unknown', ['audit', 'list', '--colour'], 2, 'unknown option'],
  ['a number is none', ['eval', 'wer', '--limit', 'many', '.'], 2, 'whole number'],
  ['a call id is none', ['export', '--call', '123'], 2, 'no call id'],
  ['nobody has a key yet', ['search', 'refund'], 4, 'admin-key'],
  ['help was asked for', ['audit', '--help'], 0, ''],
])('%s', (_name, args, status, words) => {
  const ran = sidetone(...args);
  expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining(words)]);
});

test('whoever may not read the key of the server is told whose it is', () => {
  const dataDir = join(dir, 'theirs');
  mkdirSync(dataDir, { mode: 0o000 });
  const config = loadConfig(undefined, { SIDETONE_DATA_DIR: dataDir }, dir);
  const refusal = expect.objectContaining({
    code: 'unauthenticated',
    message: expect.stringContaining("the server's user's alone") as string,
  }) as Error;
  // To root nothing is closed: nobody asks in its place.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    expect(() => new ApiClient(config)).toThrow(refusal);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
