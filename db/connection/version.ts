import { sql } from 'kysely';
import { describeFailure } from './failures.ts';
import { openPool } from './pool.ts';

/** What a PostgreSQL says of itself, asked once and let go: its major version, or why it does not answer. */
export type PostgresAnswer = { readonly major: number } | { readonly trouble: string };

/** The oldest that the tests run on. */
export const oldestPostgres = 15;

export async function askPostgres(url: string): Promise<PostgresAnswer> {
  const pool = openPool({ kind: 'postgres', url }, () => undefined);
  try {
    const { rows } = await sql<{ server_version_num: string }>`show server_version_num`.execute(pool.early);
    return { major: Math.floor(Number(rows[0]?.server_version_num ?? 0) / 10_000) };
  } catch (error) {
    return { trouble: describeFailure(error) };
  } finally {
    await pool.end();
  }
}
