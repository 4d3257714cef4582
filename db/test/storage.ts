import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#lib/config/load.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { postgresKinds, type PostgresServer } from '#test/postgres.ts';
import { pglitePort, supervisePglite } from '../connection/pglite-process.ts';
import { openPool, type DatabasePool } from '../connection/pool.ts';
import { openDatabase } from '../database.ts';
import type { Database } from '../types.ts';

/** A data directory and what can be opened over it. */
export interface Storage {
  readonly dataDir: string;
  readonly runtimeDir: string;
  /** Opens, without waiting until it is ready. */
  open(options?: OpenOptions): Promise<Database>;
  /** A connection of the test's own, past all of our code. On PGlite use it only while nothing else is under way. */
  inspect(): DatabasePool;
  /** As `inspect`, for the time of the work, while no server is open over it. */
  aside(work: (pool: DatabasePool) => Promise<void>): Promise<void>;
  remove(): void;
}
interface OpenOptions {
  readonly journalLimitMb?: number;
  readonly liveCallIds?: () => readonly string[];
}

export function makeStorage(databaseUrl?: string): Storage {
  const dataDir = mkdtempSync(join(tmpdir(), 'sidetone-db-'));
  const runtimeDir = mkdtempSync(join(tmpdir(), 'sidetone-run-'));
  const inspect = (): DatabasePool =>
    openPool(
      databaseUrl === undefined
        ? { kind: 'pglite', directory: runtimeDir, port: pglitePort }
        : { kind: 'postgres', url: databaseUrl },
      () => undefined,
    );
  return {
    dataDir,
    runtimeDir,
    open: ({ journalLimitMb = 64, liveCallIds = () => [] } = {}) =>
      openDatabase({
        config: loadConfig(
          undefined,
          {
            SIDETONE_DATA_DIR: dataDir,
            DATABASE_URL: databaseUrl,
            SIDETONE_STORE_JOURNAL_LIMIT_MB: String(journalLimitMb),
          },
          dataDir,
        ),
        runtimeDir,
        logger: silentLogger,
        metrics: createMetrics(),
        liveCallIds,
      }),
    inspect,
    aside: async (work) => {
      const folder = join(dataDir, 'pglite');
      const pglite =
        databaseUrl === undefined
          ? supervisePglite({ folder, runtimeDir, logger: silentLogger, onDied: () => undefined })
          : undefined;
      await pglite?.ensure();
      const pool = inspect();
      try {
        await work(pool);
      } finally {
        await pool.end();
        await pglite?.close();
      }
    },
    remove: () => {
      for (const dir of [dataDir, runtimeDir]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The databases that every test of storage runs on. */
export interface DatabaseKind {
  readonly name: string;
  readonly available: boolean;
  /** The server to make databases on; null: PGlite, one in each data directory. */
  start(): Promise<PostgresServer | null>;
}
export const databaseKinds: readonly DatabaseKind[] = [
  { name: 'PGlite', available: true, start: () => Promise.resolve(null) },
  ...postgresKinds,
];
