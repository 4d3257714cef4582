import type { SideSentiment } from '../types.ts';

/** `startMs` and `endMs` on the call's timeline. */
export interface ScoredUtterance {
  readonly startMs: number;
  readonly endMs: number;
  readonly sentiment: number;
}

const quarterCount = 4;

/**
 * design.md section 5: the score of a quarter is the mean of the side's utterances that begin in it, quarter edges
 * floor(k * end / 4) with end = the side's last utterance end (Contact Lens); overall both as the mean of the quarters
 * that have a score (Contact Lens) and as the mean of the utterances (Amazon Transcribe).
 */
export function summariseSentiment(utterances: readonly ScoredUtterance[]): SideSentiment {
  const endMs = Math.max(0, ...utterances.map((utterance) => utterance.endMs));
  const quarters = Array.from({ length: quarterCount }, (_, quarter) => {
    const fromMs = Math.floor((quarter * endMs) / quarterCount);
    const toMs = Math.floor(((quarter + 1) * endMs) / quarterCount);
    return mean(
      utterances.filter(({ startMs }) => startMs >= fromMs && (startMs < toMs || quarter === quarterCount - 1)),
    );
  });
  const scored = quarters.filter((score) => score !== null);
  return {
    meanOfQuarters: scored.length === 0 ? null : round(scored.reduce((sum, score) => sum + score, 0) / scored.length),
    meanOfUtterances: mean(utterances),
    quarters,
  };
}

function mean(utterances: readonly ScoredUtterance[]): number | null {
  if (utterances.length === 0) return null;
  return round(utterances.reduce((sum, utterance) => sum + utterance.sentiment, 0) / utterances.length);
}

function round(score: number): number {
  return Math.round(score * 100) / 100 + 0;
}
