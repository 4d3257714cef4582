import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once, type Closable } from '#lib/closing.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';

/**
 * One server a data directory. The lock is the file `lock`, made whole and then linked into place (so that no reader
 * ever sees half of it), naming the process and the time it started: a pid used again by another process does not hold
 * it. After kill -9 the next server finds the process gone and takes over.
 * @throws SidetoneError `data-dir-locked`
 */
export async function lockDataDir(dataDir: string): Promise<Closable> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'lock');
  const mine = `${process.pid} ${processStart(process.pid) ?? '-'} ${randomBytes(8).toString('hex')}\n`;
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  writeFileSync(draft, mine, { mode: 0o600, flag: 'wx' });
  try {
    takeLock(path, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    close: once(() => {
      if (readLock(path)?.text === mine) rmSync(path, { force: true });
      return Promise.resolve();
    }),
  };
}

function takeLock(path: string, draft: string): void {
  // A few rounds: each ends with the lock ours, a live holder, or one stale lock less.
  for (let round = 0; round < 10; round += 1) {
    try {
      linkSync(draft, path);
      return;
    } catch (thrown) {
      if (systemCode(thrown) !== 'EEXIST') throw thrown;
    }
    const holder = readLock(path);
    if (holder === undefined) continue;
    if (isAlive(holder))
      throw new SidetoneError(
        'data-dir-locked',
        `another server (pid ${holder.pid}) uses this data directory: ${path}`,
      );
    removeStale(path, holder.text, draft);
  }
  throw new SidetoneError('data-dir-locked', `the lock changes hands too fast: ${path}`);
}

/** Two newcomers may find the same stale lock: moving it aside succeeds for one, who puts back what was not stale. */
function removeStale(path: string, staleText: string, draft: string): void {
  const aside = `${draft}.stale`;
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return;
    throw thrown;
  }
  if (readLock(aside)?.text !== staleText) {
    try {
      linkSync(aside, path);
    } catch (thrown) {
      if (systemCode(thrown) !== 'EEXIST') throw thrown;
    }
  }
  unlinkSync(aside);
}

interface Holder {
  readonly text: string;
  readonly pid: number;
  readonly start: string;
}

function readLock(path: string): Holder | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const [pid = '', start = ''] = text.trim().split(' ');
    return { text, pid: Number(pid), start };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function isAlive(holder: Holder): boolean {
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (thrown) {
    if (systemCode(thrown) === 'ESRCH') return false;
  }
  const start = processStart(holder.pid);
  return start === undefined || holder.start === '-' || start === holder.start;
}

/**
 * Boot id and clock tick at which a process began (proc(5), field 22 of /proc/PID/stat: counted after the command's
 * closing parenthesis, as the command may hold spaces). Undefined where there is no /proc.
 */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? undefined : `${bootId}/${ticks}`;
  } catch {
    return undefined;
  }
}

/** The data directory's own name for itself, made at first start: whose calls are whose on a shared Postgres. */
export function readServerId(dataDir: string): string {
  const path = join(dataDir, 'server-id');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  }
  const id = newId();
  writeFileSync(path, `${id}\n`, { mode: 0o600 });
  return id;
}
