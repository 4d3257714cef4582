import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Schema } from '../schema.ts';
import { isAway } from './failures.ts';

/** The one adapter over pg. */

export type Target =
  | { readonly kind: 'postgres'; readonly url: string }
  /** PGlite behind its socket: `.s.PGSQL.<port>` in `directory`. */
  | { readonly kind: 'pglite'; readonly directory: string; readonly port: number };

export interface DatabasePool {
  /** For everyone: refuses at once with `database-unavailable` while the gate is shut. */
  readonly open: Kysely<Schema>;
  /** For the way to ready (migrations, checks): works while the gate is shut. */
  readonly early: Kysely<Schema>;
  setGate(open: boolean): void;
  /** One statement outside any transaction that may take up to an hour (VACUUM). */
  runLong(statement: string): Promise<void>;
  /** @throws SidetoneError `database-unavailable` */
  probe(): Promise<void>;
  end(): Promise<void>;
}

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 60_000;
const probeTimeoutMs = 30_000;
const longTimeoutMs = 3_600_000;
const statementTimeoutMs = 30_000;

/**
 * PGlite gets one connection: its socket server passes on one protocol message at a time, so that two clients in the
 * extended protocol could bind to each other's statement; and it has only one backend anyway.
 * @param onLost a connection broke or a query found nobody there: the caller should probe
 */
export function openPool(target: Target, onLost: () => void): DatabasePool {
  const pool = new pg.Pool({
    ...(target.kind === 'postgres'
      ? { connectionString: target.url, max: 8, statement_timeout: statementTimeoutMs }
      : { host: target.directory, port: target.port, user: 'postgres', database: 'postgres', max: 1 }),
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    idleTimeoutMillis: target.kind === 'postgres' ? 30_000 : 0,
    allowExitOnIdle: true,
    application_name: 'sidetone',
    types: { getTypeParser: typeParser },
  });
  pool.on('error', onLost);
  // A client that is checked out reports to nobody once its query has failed; without a listener that is a crash.
  pool.on('connect', (client) => client.on('error', onLost));

  let gateOpen = false;
  const translate = (thrown: unknown): Error => {
    if (thrown instanceof SidetoneError) return thrown;
    if (!isAway(thrown)) return toError(thrown);
    onLost();
    return new SidetoneError('database-unavailable', 'the database does not answer', { cause: thrown });
  };
  const wrap = (client: pg.PoolClient): PostgresPoolClient => {
    let broken = false;
    const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
      try {
        return await client.query(text, [...parameters]);
      } catch (thrown) {
        broken ||= isAway(thrown);
        throw translate(thrown);
      }
    };
    return {
      // The dialect hands over cursors only when it was given a cursor class, which it is not.
      query: query as PostgresPoolClient['query'],
      // One that timed out may still be busy: nobody should get it again.
      release: (destroy) => client.release(broken || destroy === true),
    };
  };
  const connect = async (): Promise<PostgresPoolClient> => {
    try {
      return wrap(await pool.connect());
    } catch (thrown) {
      throw translate(thrown);
    }
  };
  const view = (gated: boolean): Kysely<Schema> => {
    const facade: PostgresPool = {
      connect: () =>
        gated && !gateOpen
          ? Promise.reject(new SidetoneError('database-unavailable', 'the database is away'))
          : connect(),
      end: () => Promise.resolve(),
      options: {},
    };
    return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: facade }) });
  };
  let longRunning = 0;
  const run = async (text: string, timeoutMs: number): Promise<void> => {
    try {
      await pool.query({ text, query_timeout: timeoutMs } as pg.QueryConfig);
    } catch (thrown) {
      throw translate(thrown);
    }
  };
  return {
    open: view(true),
    early: view(false),
    setGate: (open) => {
      gateOpen = open;
    },
    runLong: async (statement) => {
      longRunning += 1;
      try {
        await run(statement, longTimeoutMs);
      } finally {
        longRunning -= 1;
      }
    },
    // PGlite answers nobody else meanwhile.
    probe: () => (longRunning > 0 ? Promise.resolve() : run('select 1', probeTimeoutMs)),
    end: () => pool.end(),
  };
}

const int8 = 20;
/** bigint columns hold counts, sizes and sequences: all within 2^53. */
function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === int8 && format !== 'binary') return Number;
  return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
}
