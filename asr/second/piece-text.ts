import { samplesToMs } from '#media/types.ts';
import type { EngineResult } from '../engines/types.ts';
import { writtenSpans } from '../numbers/written.ts';
import type { PieceText } from '../types.ts';

/** What an engine heard in a piece, in ms; null for nothing. */
export function pieceText(
  { empty, words, confidence, language }: EngineResult,
  usualLanguage: string,
): PieceText | null {
  if (empty) return null;
  const spoken = language ?? usualLanguage;
  const placed = words.map((word) => ({
    text: word.text,
    startMs: samplesToMs(word.startSample),
    endMs: samplesToMs(word.endSample),
    confidence: word.confidence,
  }));
  return {
    words: placed,
    written: spoken.startsWith('en') ? writtenSpans(placed) : [],
    confidence,
    language: spoken,
  };
}
