import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from './data-dir.ts';
import { tryLock } from './process-lock.ts';

let dir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** A process that asks for the lock and says what it got. */
async function contender(): Promise<{ child: ChildProcess; got: unknown }> {
  const child = fork(new URL('./test/locker.ts', import.meta.url), [join(dir, 'data')], { execArgv: [] });
  children.push(child);
  const [got] = (await once(child, 'message')) as unknown[];
  return { child, got };
}

test('a second server is told who has the directory; after kill -9 the next one gets it', async () => {
  const first = await contender();
  expect(first.got).toBe('locked');
  await expect(lockDataDir(join(dir, 'data'))).rejects.toMatchObject({
    code: 'data-dir-locked',
    message: expect.stringContaining(`pid ${first.child.pid}`) as string,
  });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const lock = await lockDataDir(join(dir, 'data'));
  expect(statSync(join(dir, 'data')).mode & 0o777).toBe(0o700);
  await lock.close();
  await (await lockDataDir(join(dir, 'data'))).close();
});

test('of many who find a stale lock at once, one gets it', async () => {
  const first = await contender();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const found = await Promise.all(Array.from({ length: 5 }, () => contender()));
  expect(found.map((each) => String(each.got)).sort()).toEqual([
    'data-dir-locked',
    'data-dir-locked',
    'data-dir-locked',
    'data-dir-locked',
    'locked',
  ]);
});

test('a pid used again by another process, and rubbish, hold nothing', async () => {
  const path = join(dir, 'lock');
  for (const text of [`${process.pid} some-other-boot/1 x\n`, '1 some-other-boot/1 x\n', 'rubbish', '']) {
    writeFileSync(path, text);
    const lock = await tryLock(path);
    expect(lock.held).toBe(true);
    if (lock.held) lock.release();
  }
});
