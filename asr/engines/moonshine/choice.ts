import { endToken } from '../../text/tokens.ts';
import type { PhraseTrie } from './phrases.ts';
import { candidates } from './decoder-graph.ts';

/** A token that may come next. */
export interface Candidate {
  readonly token: number;
  readonly logProb: number;
  /** `logProb` with the bonus of phrases: what it is chosen by. */
  readonly score: number;
}

/** What a step holds likeliest, best first. `best`: the step's output for a token. `mayEnd`: whether the end is allowed. */
export function rankCandidates(
  best: Float32Array,
  mayEnd: boolean,
  tokens: readonly number[],
  phrases: PhraseTrie | undefined,
): Candidate[] {
  const bonuses = phrases?.bonuses(tokens);
  const ranked: Candidate[] = [];
  for (let rank = 0; rank < candidates; rank++) {
    const token = best[rank] ?? endToken;
    if (token === endToken && !mayEnd) continue;
    const logProb = best[candidates + rank] ?? -Infinity;
    ranked.push({ token, logProb, score: logProb + (bonuses?.get(token) ?? 0) });
  }
  return bonuses === undefined ? ranked : ranked.sort((a, b) => b.score - a.score);
}
