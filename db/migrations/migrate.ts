import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { SidetoneError } from '#lib/errors.ts';
import { up as calls } from './0001-calls.ts';
import { up as evidence } from './0002-evidence.ts';
import { up as sipCallIds } from './0003-sip-call-ids.ts';
import { up as exportCalls } from './0004-export-calls.ts';
import { up as sidesAndIntakes } from './0005-sides-and-intakes.ts';
import { up as assurance } from './0006-assurance.ts';
import { up as access } from './0007-access.ts';
import { up as spokenForms } from './0008-spoken-forms.ts';
import { up as rightWords } from './0009-right-words.ts';
import { up as speakers } from './0010-speakers.ts';
import { up as sound } from './0011-sound.ts';

/** Forward only, in the order of their names; a released one is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-calls': { up: calls },
  '0002-evidence': { up: evidence },
  '0003-sip-call-ids': { up: sipCallIds },
  '0004-export-calls': { up: exportCalls },
  '0005-sides-and-intakes': { up: sidesAndIntakes },
  '0006-assurance': { up: assurance },
  '0007-access': { up: access },
  '0008-spoken-forms': { up: spokenForms },
  '0009-right-words': { up: rightWords },
  '0010-speakers': { up: speakers },
  '0011-sound': { up: sound },
};

/**
 * Brings the database to the newest schema, all steps in one transaction.
 * @returns names of what was applied now
 * @throws whatever the connection throws, or SidetoneError `migration-failed` when a step is refused
 */
export async function migrate<Schema>(db: Kysely<Schema>): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error instanceof SidetoneError) throw error;
  if (error !== undefined) throw new SidetoneError('migration-failed', 'a migration was refused', { cause: error });
  return (results ?? []).map((result) => result.migrationName);
}
