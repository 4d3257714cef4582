import { sql, type Kysely } from 'kysely';

/**
 * What was said where that is not what is written, found like the text itself. Rows from before have none, and nothing of
 * the table is rewritten: the indexes hold such rows alone.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table utterances add column spoken text`,
  `create index utterances_spoken_english on utterances using gin (to_tsvector('english', spoken))
    where spoken is not null`,
  `create index utterances_spoken_simple on utterances using gin (to_tsvector('simple', spoken))
    where spoken is not null`,
  // As for the text: the planner's samples would keep what late redaction has to take away.
  `alter table utterances alter column spoken set statistics 0`,
  `alter index utterances_spoken_english alter column 1 set statistics 0`,
  `alter index utterances_spoken_simple alter column 1 set statistics 0`,
];
