/** A phrase of all calls that somebody has added to those of the configuration. */
export interface StoredPhrase {
  readonly phrase: string;
  readonly addedBy: string;
  readonly addedAt: string;
}

/** What was corrected in the same way, in calls that there still are: it may be a name that recognition does not know. */
export interface PhraseSuggestion {
  readonly heard: string;
  readonly corrected: string;
  readonly count: number;
  readonly lastAt: string;
}

export interface PhraseStore {
  /** By when they were added. */
  list(): Promise<readonly StoredPhrase[]>;
  /** The same phrase again, however its letters are cased, replaces it. @throws SidetoneError `bad-request`, `conflict` (full) */
  add(phrase: string, addedBy: string): Promise<StoredPhrase>;
  /** False: there was none. */
  remove(phrase: string): Promise<boolean>;
  /** The most often corrected first, a hundred at the most; none that are in the list already. */
  suggestions(): Promise<readonly PhraseSuggestion[]>;
  /** As of the last change or read of this process, for who cannot wait: empty before the first. */
  readonly current: readonly string[];
}
