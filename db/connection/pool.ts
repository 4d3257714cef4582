import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { within } from '#lib/closing.ts';
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
  /** Nobody there? Connections that are all at work are no sign of that. @throws SidetoneError `database-unavailable` */
  probe(): Promise<void>;
  /** Lets what runs finish within `graceMs` (default 5,000), and then cuts it off. */
  end(graceMs?: number): Promise<void>;
}

/** How long to wait; all in ms. Tests wait less. */
export interface PoolTimes {
  /** For a connection, or for one of those there are. */
  readonly connectMs: number;
  /** For an answer; the connection is given up then. */
  readonly queryMs: number;
  readonly probeMs: number;
  readonly longMs: number;
  /** Postgres ends a statement by itself after this; PGlite knows no such limit. */
  readonly statementMs: number;
}

const usualTimes: PoolTimes = {
  connectMs: 5_000,
  queryMs: 60_000,
  probeMs: 30_000,
  longMs: 3_600_000,
  statementMs: 30_000,
};
const endGraceMs = 5_000;

/**
 * PGlite gets one connection: its socket server passes on one protocol message at a time, so that two clients in the
 * extended protocol could bind to each other's statement; and it has only one backend anyway.
 * @param onLost a connection broke or a query found nobody there: the caller should probe
 */
export function openPool(target: Target, onLost: () => void, times: PoolTimes = usualTimes): DatabasePool {
  const pool = new pg.Pool({
    ...(target.kind === 'postgres'
      ? { connectionString: target.url, max: 8, statement_timeout: times.statementMs }
      : { host: target.directory, port: target.port, user: 'postgres', database: 'postgres', max: 1 }),
    connectionTimeoutMillis: times.connectMs,
    query_timeout: times.queryMs,
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
    const query = async (text: string | pg.QueryConfig, parameters: readonly unknown[]): Promise<unknown> => {
      try {
        return await (typeof text === 'string' ? client.query(text, [...parameters]) : client.query(text));
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
  const atWork = new Set<pg.PoolClient>();
  pool.on('acquire', (client) => atWork.add(client));
  pool.on('release', (_error, client) => atWork.delete(client));
  const run = async (text: string, timeoutMs: number): Promise<void> => {
    await pool.query({ text, query_timeout: timeoutMs } as pg.QueryConfig);
  };
  return {
    open: view(true),
    early: view(false),
    setGate: (open) => {
      gateOpen = open;
    },
    runLong: async (statement) => {
      const client = await connect();
      try {
        if (target.kind === 'postgres') await client.query('set statement_timeout = 0', []);
        await client.query({ text: statement, query_timeout: times.longMs } as never, []);
      } finally {
        // Its session has no limit any more: nobody else is to get it.
        client.release(target.kind === 'postgres');
      }
    },
    probe: async () => {
      try {
        await run('select 1', times.probeMs);
      } catch (thrown) {
        // Each of them has a time limit of its own, after which its connection is given up and asks for a probe.
        if (atWork.size < pool.options.max) throw translate(thrown);
      }
    },
    end: async (graceMs = endGraceMs) => {
      const ended = pool.end();
      await within(graceMs, ended);
      // Of a client at work, `end` takes the connection away: whoever waits for its answer hears of it.
      for (const client of atWork) void (client as unknown as pg.Client).end();
      await ended;
    },
  };
}

const int8 = 20;
/** bigint columns hold counts, sizes and sequences: all within 2^53. */
function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === int8 && format !== 'binary') return Number;
  return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
}
