/** Names and terms that are likelier in some calls than elsewhere. Who may list them, and how many, is the same everywhere. */

/** Of one call, whoever listed them. Beyond that, each would weigh too little and cost every word. */
export const maxPhrases = 500;
export const maxPhraseLetters = 80;
const maxPhraseWords = 8;

/** What is wrong with it, for whoever wrote it; undefined: nothing. */
export function phraseFault(phrase: string): string | undefined {
  if (phrase.length > maxPhraseLetters) return `is longer than ${maxPhraseLetters} characters`;
  if (/\p{C}/u.test(phrase)) return 'has control characters';
  if (!/\p{L}/u.test(phrase)) return 'has no letter in it';
  if (phrase.split(/\s+/).length > maxPhraseWords) return `has more than ${maxPhraseWords} words`;
  return undefined;
}

/** Single spaces, none at the ends. */
export function tidyPhrase(phrase: string): string {
  return phrase.trim().replaceAll(/\s+/g, ' ');
}

/** The same phrase to a list, however its letters are cased. */
export function samePhrase(phrase: string): string {
  return tidyPhrase(phrase).toLowerCase();
}

/** One list of several, those of the first ones first, each phrase once, `maxPhrases` at the most. Frozen. */
export function joinPhrases(lists: readonly (readonly string[])[]): readonly string[] {
  const joined = new Map<string, string>();
  for (const phrase of lists.flat()) {
    if (joined.size === maxPhrases) break;
    const key = samePhrase(phrase);
    if (!joined.has(key)) joined.set(key, tidyPhrase(phrase));
  }
  return Object.freeze([...joined.values()]);
}
