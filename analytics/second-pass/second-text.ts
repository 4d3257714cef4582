import type { PieceText, Word } from '#asr/types.ts';
import { maskIn } from '../redaction/mask-names.ts';
import type { Proposal } from '../retelling/retell.ts';
import { writtenWords } from '../session/written-words.ts';
import type { Utterance } from '../types.ts';
import type { Passage } from './passages.ts';

/**
 * An utterance with its passages as they were heard the second time. A passage in which nothing was heard stands as it
 * was: that somebody spoke there is known. Undefined: nothing was heard in any of them.
 */
export function secondText(
  { words, language }: Pick<Utterance, 'words' | 'language'>,
  passages: readonly Passage[],
  heard: readonly (PieceText | null)[],
): Proposal | undefined {
  const next: Word[] = [];
  let at = 0;
  let spoken: string | undefined;
  for (const [index, passage] of passages.entries()) {
    next.push(...words.slice(at, passage.from));
    const text = heard[index] ?? null;
    const known = words.slice(passage.from, passage.to);
    if (text === null) next.push(...known);
    else {
      spoken ??= text.language;
      next.push(...writtenWords(text.words, text.written).map((word) => placed(word, passage, known[0]?.speaker)));
    }
    at = passage.to;
  }
  next.push(...words.slice(at));
  if (spoken === undefined || next.length === 0) return undefined;
  const said = next.filter(({ text }) => maskIn(text) === undefined);
  const confidence = said.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, said.length);
  return { words: next, confidence, language: spoken === '' ? language : spoken };
}

/** A mask is ours alone to write: a model that has read such texts could make one up. */
function placed(word: Word, { startMs, endMs }: Passage, speaker: string | undefined): Word {
  const on = (ms: number): number => Math.round(Math.min(endMs, startMs + ms));
  const text = word.text.replaceAll(/[[\]]/g, '');
  const said = { ...word, text, startMs: on(word.startMs), endMs: on(word.endMs) };
  return speaker === undefined ? said : { ...said, speaker };
}
