import { fork, type ChildProcess } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from '#lib/closing.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { ToParent } from './pglite-child.ts';

/** pg looks for `.s.PGSQL.<port>` in the folder given as host; the number means nothing else. */
export const pglitePort = 5432;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;
/** sun_path holds 108 bytes with its closing zero; Linux answers EINVAL past that. */
const maxSocketPathBytes = 107;

export interface PgliteProcess {
  /** Starts the process unless it runs. Resolves when its socket answers. @throws SidetoneError `database-unavailable` */
  ensure(): Promise<void>;
  /** Ends a process that hangs, so that `ensure` starts another. */
  kill(): Promise<void>;
  readonly pid: number | undefined;
  /** Starts after the first. */
  readonly restarts: number;
  close(): Promise<void>;
}

/** @throws SidetoneError `config-invalid` when the socket's path is too long */
export function supervisePglite(options: {
  readonly folder: string;
  readonly runtimeDir: string;
  readonly logger: Logger;
  /** The process had been ready and ended though nobody asked it to. One that never was is told by `ensure`. */
  readonly onDied: () => void;
}): PgliteProcess {
  const socketPath = join(options.runtimeDir, `.s.PGSQL.${pglitePort}`);
  if (Buffer.byteLength(socketPath) > maxSocketPathBytes)
    throw new SidetoneError('config-invalid', `runtime directory too long for a socket: ${options.runtimeDir}`);
  mkdirSync(options.runtimeDir, { recursive: true, mode: 0o700 });

  let child: ChildProcess | undefined;
  let starting: Promise<void> | undefined;
  let starts = 0;
  let closed = false;

  const start = async (): Promise<void> => {
    if (closed) throw new SidetoneError('database-unavailable', 'closed');
    starts += 1;
    const made = fork(new URL('./pglite-child.ts', import.meta.url), [options.folder, socketPath], {
      execArgv: ['--disable-sigusr1'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child = made;
    let ready = false;
    const leave = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (child !== made) return;
      child = undefined;
      if (closed) return;
      options.logger.warn({ code, signal }, 'the PGlite process ended');
      // A start that failed is tried again at the keeper's own pace.
      if (ready) options.onDied();
    };
    made.once('exit', leave);
    made.on('error', (err) => {
      options.logger.warn({ err }, 'PGlite process trouble');
      // Never started: it has no exit to come.
      if (made.pid === undefined) leave(null, null);
    });
    const outcome = await firstWord(made);
    if (outcome.type === 'ready') {
      ready = true;
      return;
    }
    made.kill('SIGKILL');
    await exitOf(made);
    throw new SidetoneError('database-unavailable', `PGlite did not start: ${outcome.code}`);
  };

  return {
    ensure: () => {
      if (starting !== undefined) return starting;
      if (child !== undefined) return Promise.resolve();
      starting = start().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    kill: async () => {
      const running = child;
      if (running === undefined) return;
      running.kill('SIGKILL');
      await exitOf(running);
    },
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return Math.max(0, starts - 1);
    },
    close: once(async () => {
      closed = true;
      const running = child;
      if (running === undefined) return;
      const gone = exitOf(running);
      if (running.connected) running.send('stop', () => undefined);
      const hurry = setTimeout(() => running.kill('SIGKILL'), stopTimeoutMs);
      await gone;
      clearTimeout(hurry);
    }),
  };
}

async function firstWord(child: ChildProcess): Promise<ToParent> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), startTimeoutMs);
  try {
    return await Promise.race([
      onceEvent(child, 'message', { signal: over.signal }).then(([message]) => message as ToParent),
      onceEvent(child, 'exit', { signal: over.signal }).then((): ToParent => ({ type: 'failed', code: 'exited' })),
    ]);
  } catch (thrown) {
    // What `once` rejects with: the timer's abort, or the child's `error`.
    return { type: 'failed', code: over.signal.aborted ? 'timeout' : (systemCode(thrown) ?? 'not-started') };
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await onceEvent(child, 'exit');
}
