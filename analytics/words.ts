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
