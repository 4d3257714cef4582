import type { Utterance } from '#analytics/types.ts';
import { maskOf } from '../../parts/masked-text.tsx';

/** A piece of an utterance's text as it is shown, with its time where a word of the recogniser stands behind it. */
export interface Token {
  readonly text: string;
  /** As it was said, where that is not what is written. */
  readonly spoken: string | undefined;
  /** `CARD` ...: what was masked here. */
  readonly mask: string | undefined;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** Of the recogniser in it, 0 to 1. */
  readonly confidence: number | undefined;
}

/**
 * Text and words side by side: one by one where the words are the text (`4:30 p.m.` is one of them). Else masks stand in the text alone or in both; a token that has no word (a mask, a joined
 * number) is passed over, so that the words after it still find theirs.
 */
export function tokensOf({ text, words }: Pick<Utterance, 'text' | 'words'>): readonly Token[] {
  if (words.map((word) => word.text).join(' ') === text) {
    return words.map(({ text: written, spoken, startMs, endMs, confidence }) => {
      return { text: written, spoken, mask: maskOf(written), startMs, endMs, confidence };
    });
  }
  let next = 0;
  return text
    .split(/\s+/)
    .filter((token) => token !== '')
    .map((token) => {
      const found = words.findIndex((word, index) => index >= next && index < next + 12 && word.text === token);
      if (found !== -1) next = found + 1;
      const word = found === -1 ? undefined : words[found];
      const { spoken, startMs, endMs, confidence } = word ?? {};
      return { text: token, spoken, mask: maskOf(token), startMs, endMs, confidence };
    });
}
