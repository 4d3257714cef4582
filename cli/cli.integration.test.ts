import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test.skipIf(process.getuid?.() === 0)('whoever may not read the key of the server is told whose it is', () => {
  mkdirSync(join(dir, 'theirs'), { mode: 0o000 });
  writeFileSync(join(dir, 'theirs.yaml'), 'dataDir: theirs\n');
  const ran = sidetone('--config', 'theirs.yaml', 'search', 'refund');
  expect([ran.status, ran.stderr]).toEqual([4, expect.stringContaining("the server's user's alone")]);
});
