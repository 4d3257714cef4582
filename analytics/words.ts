import type { Utterance } from './types.ts';

/**
 * A text as plain tokens: lower case, apostrophes kept inside a word, punctuation gone, masks (`[CARD]`) kept whole so
 * that no rule or lexicon reads them as words.
 */
export function tokensOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/\[[a-z]+\]|[\p{L}\p{N}]+(?:'[\p{L}]+)*/gu) ?? []
  );
}

/** What was said: rules, sentiment and words per minute go by this, however the text is written. */
export function spokenText({ words, text }: Pick<Utterance, 'text' | 'words'>): string {
  if (!words.some(({ spoken }) => spoken !== undefined)) return text;
  return words.map((word) => word.spoken ?? word.text).join(' ');
}
