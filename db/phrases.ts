import { sql, type Kysely, type Selectable } from 'kysely';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError } from '#lib/errors.ts';
import { maxPhrases, phraseFault, samePhrase, tidyPhrase } from '#lib/phrases.ts';
import type { Schema } from './schema.ts';
import type { PhraseStore, StoredPhrase } from './types/phrases.ts';

const mostSuggestions = 100;

/** Several servers on one Postgres share the list; each takes up what another has added when it reads the list next. */
export function createPhraseStore(db: Kysely<Schema>, clock: Clock): PhraseStore {
  let current: readonly string[] = [];
  const list = async (): Promise<readonly StoredPhrase[]> => {
    const rows = await db.selectFrom('phrases').selectAll().orderBy('added_at').orderBy('phrase_key').execute();
    current = Object.freeze(rows.map(({ phrase }) => phrase));
    return rows.map(toPhrase);
  };
  return {
    list,
    add: async (given, addedBy) => {
      const phrase = tidyPhrase(given);
      const fault = phraseFault(phrase);
      if (fault !== undefined) throw new SidetoneError('bad-request', `phrase: ${fault}`);
      const known = await list();
      const isNew = !known.some((each) => samePhrase(each.phrase) === samePhrase(phrase));
      if (isNew && known.length >= maxPhrases) {
        throw new SidetoneError('conflict', `the list is full: ${maxPhrases} phrases; take some out first`);
      }
      const added = { phrase, added_by: addedBy, added_at: new Date(clock.nowEpochMs()).toISOString() };
      await db
        .insertInto('phrases')
        .values({ phrase_key: samePhrase(phrase), ...added })
        .onConflict((conflict) => conflict.column('phrase_key').doUpdateSet(added))
        .execute();
      await list();
      return { phrase, addedBy, addedAt: added.added_at };
    },
    remove: async (phrase) => {
      const gone = await db
        .deleteFrom('phrases')
        .where('phrase_key', '=', samePhrase(phrase))
        .returning('phrase_key')
        .executeTakeFirst();
      await list();
      return gone !== undefined;
    },
    suggestions: async () => {
      const rows = await db
        .selectFrom('word_corrections')
        .select(['heard', 'corrected'])
        .select((eb) => [eb.fn.countAll<string>().as('count'), eb.fn.max('corrected_at').as('last_at')])
        .where(sql<boolean>`lower(corrected) not in (select phrase_key from phrases)`)
        .groupBy(['heard', 'corrected'])
        .orderBy('count', 'desc')
        .orderBy('last_at', 'desc')
        .orderBy('corrected')
        .limit(mostSuggestions)
        .execute();
      return rows.map(({ heard, corrected, count, last_at: lastAt }) => {
        return { heard, corrected, count: Number(count), lastAt: lastAt.toISOString() };
      });
    },
    get current() {
      return current;
    },
  };
}

function toPhrase(row: Selectable<Schema['phrases']>): StoredPhrase {
  return { phrase: row.phrase, addedBy: row.added_by, addedAt: row.added_at.toISOString() };
}
