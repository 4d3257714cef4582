import type { Word } from '#asr/types.ts';

/** Below this, recognition is as often wrong as right. */
export const unsureBelow = 0.5;

export function isSure({ word }: { readonly word: Word }): boolean {
  return word.confidence >= unsureBelow;
}
