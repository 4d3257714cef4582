import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '#lib/errors.ts';

/**
 * A lock that one process holds until it lets go or dies. It is a file naming the process and when that started (a pid
 * used again by another process does not hold it), made whole and then linked into place, so that no reader ever sees
 * half of it. After kill -9 the next to come finds the process gone and takes over.
 */
export type LockAttempt =
  { readonly held: true; release(): void } | { readonly held: false; readonly holderPid: number };

/** Newcomers who find the same stale lock may disturb each other for microseconds; after this it has settled. */
const settleMs = 25;

/** @throws what the disk says */
export async function tryLock(path: string): Promise<LockAttempt> {
  const nonce = randomBytes(8).toString('hex');
  const mine = `${process.pid} ${processStart(process.pid) ?? '-'} ${nonce}\n`;
  const draft = `${path}.${nonce}`;
  writeFileSync(draft, mine, { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      const holder = take(path, draft);
      if (holder !== undefined) return { held: false, holderPid: holder.pid };
      await sleep(settleMs);
      if (readHolder(path)?.text === mine) break;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    held: true,
    release: () => {
      if (readHolder(path)?.text === mine) rmSync(path, { force: true });
    },
  };
}

/** @returns the live process that holds it; undefined when the lock is now ours */
function take(path: string, draft: string): Holder | undefined {
  for (;;) {
    try {
      linkSync(draft, path);
      return undefined;
    } catch (thrown) {
      if (systemCode(thrown) !== 'EEXIST') throw thrown;
    }
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (isAlive(holder)) return holder;
    removeStale(path, holder.text, `${draft}.stale`);
  }
}

/** Moving it aside succeeds for one of two; whoever finds that he moved another lock than he saw puts it back. */
function removeStale(path: string, staleText: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return;
    throw thrown;
  }
  if (readHolder(aside)?.text !== staleText) {
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

function readHolder(path: string): Holder | undefined {
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
    // EPERM: it lives, and belongs to somebody else.
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
