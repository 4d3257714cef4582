import type { Word, WrittenSpan } from '#asr/types.ts';

/**
 * The words of a turn with each span as one: `four thirty` is `{ text: '4:30', spoken: 'four thirty' }`, from the start
 * of its first word to the end of its last, as sure as the least sure of them. A span in which the speaker changes is
 * left as it was said.
 */
export function writtenWords(words: readonly Word[], spans: readonly WrittenSpan[]): readonly Word[] {
  if (spans.length === 0) return words;
  const written: Word[] = [];
  let at = 0;
  for (const { from, to, text } of spans) {
    const [first, last] = [words[from], words[to - 1]];
    const spoken = words.slice(from, to);
    if (first === undefined || last === undefined || from < at) continue;
    if (spoken.some(({ speaker }) => speaker !== first.speaker)) continue;
    written.push(...words.slice(at, from), {
      ...first,
      text,
      spoken: spoken.map((word) => word.text).join(' '),
      endMs: last.endMs,
      confidence: Math.min(...spoken.map(({ confidence }) => confidence)),
    });
    at = to;
  }
  return [...written, ...words.slice(at)];
}
