import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { tryLock } from '../process-lock.ts';

/**
 * The process that holds PGlite: `node pglite-child.ts FOLDER SOCKET`. It tells its parent `ready` or `failed`, and ends
 * when told `stop` or when the parent is gone. Signals of the terminal or of a service manager are the parent's.
 */
export type ToParent = { readonly type: 'ready' } | { readonly type: 'failed'; readonly code: string };
export type ToChild = 'stop';

const graceMs = 3_000;

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

const [folder = '', socketPath = ''] = process.argv.slice(2);

/**
 * PGlite does not lock its folder, and two over one folder destroy it. A server killed with -9 leaves its child behind
 * for as long as that is busy: it gets a moment to see that its parent is gone, and is then killed, which PGlite's
 * write-ahead log is made for. Whoever starts us has locked the data directory, so that the holder is an orphan.
 */
async function lockFolder(): Promise<() => void> {
  const giveUpAtMs = performance.now() + graceMs;
  for (;;) {
    const lock = await tryLock(`${folder}.lock`);
    if (lock.held) return () => lock.release();
    if (!process.connected) throw new Error('the parent is gone');
    if (performance.now() > giveUpAtMs) process.kill(lock.holderPid, 'SIGKILL');
    await sleep(100);
  }
}

async function serve(): Promise<() => Promise<void>> {
  const unlockFolder = await lockFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Left behind when the one before was killed; the data directory is locked, so nobody else listens there.
  rmSync(socketPath, { force: true });
  const db = await PGlite.create(folder);
  const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: 16 });
  await server.start();
  chmodSync(socketPath, 0o600);
  return async () => {
    await server.stop();
    await db.close();
    unlockFolder();
  };
}

function tell(message: ToParent): void {
  if (process.connected) process.send?.(message);
}

const starting = serve();
let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  const closed = starting.then((close) => close());
  closed.then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
process.on('message', (message: ToChild) => {
  if (message === 'stop') stop();
});
process.on('disconnect', stop);

try {
  await starting;
  tell({ type: 'ready' });
} catch (thrown) {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'start-failed';
  tell({ type: 'failed', code });
  process.exitCode = 1;
  process.disconnect();
}
