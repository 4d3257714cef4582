import type { Time } from './columns.ts';

/** Phrases of all calls that people have added to those of the configuration. */
export interface PhrasesTable {
  /** The same for the same phrase, however its letters are cased. */
  phrase_key: string;
  phrase: string;
  added_by: string;
  added_at: Time;
}
