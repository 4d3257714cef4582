import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

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
