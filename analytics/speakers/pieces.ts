import type { Word } from '#asr/types.ts';

/**
 * The words of a turn, parted where the speaker changes. A word of which nobody knows who says it goes with those before
 * it, at the beginning with those after. No words: one piece without any.
 */
export function partedBySpeaker(words: readonly Word[]): readonly (readonly Word[])[] {
  const pieces: Word[][] = [[]];
  let speaker: string | undefined;
  for (const word of words) {
    const changes = word.speaker !== undefined && speaker !== undefined && word.speaker !== speaker;
    if (changes) pieces.push([]);
    pieces.at(-1)?.push(word);
    speaker = word.speaker ?? speaker;
  }
  return pieces;
}

/**
 * The words again, parted at the times where they were parted before: for a text of which something has been masked
 * since. A mask that reaches over such a time stays with those before it, and where nothing else is left after it, it
 * stands there too, from that time on: a piece never vanishes.
 * @param fromMs where each piece but the first begins, in order
 */
export function partedAt(words: readonly Word[], fromMs: readonly number[]): readonly (readonly Word[])[] {
  const pieces: Word[][] = [[], ...fromMs.map(() => [])];
  for (const word of words) pieces[fromMs.filter((ms) => ms <= word.startMs).length]?.push(word);
  fromMs.forEach((ms, index) => {
    const before = pieces[index];
    const last = before?.at(-1);
    if (pieces[index + 1]?.length !== 0 || before === undefined || last === undefined) return;
    const endMs = Math.max(last.endMs, ms);
    before[before.length - 1] = { ...last, endMs: Math.min(last.endMs, Math.max(ms, last.startMs)) };
    pieces[index + 1]?.push({ ...last, startMs: Math.min(ms, endMs), endMs });
  });
  return pieces;
}
