import { normaliseWords } from '../../text/normalise.ts';
import { decodeTokens } from '../../text/tokens.ts';
import type { Heard } from './acoustic.ts';
import { answerBonus, spokenBonus } from './spoken-forms.ts';

/** Below this, in nats a token, an utterance is read again by beam search. Of clear read speech 1 in 12 lies below. */
const weakLogProb = -0.2;

export function isWeak({ logProbs }: Heard): boolean {
  const sum = logProbs.reduce((total, logProb) => total + logProb, 0);
  return logProbs.length === 0 || sum / (logProbs.length + 1) < weakLogProb;
}

export interface Chosen {
  readonly heard: Heard;
  /** Which of the hearings the reading is from. */
  readonly hearing: number;
  /** The reading's share of the probability of all readings. */
  readonly share: number;
}

/**
 * The reading to believe; none where the first hearing has nothing said. Readings that differ in writing only ("Four." and "4") are one: their probabilities add up.
 * Over several hearings of one utterance (with other silence around it) the mean of the logarithms counts. Numbers,
 * spelled letters and, where `short`, answers that people give in a word are likelier on a telephone than in what the
 * model was trained on (spoken-forms.ts).
 */
export function chooseReading(hearings: readonly (readonly Heard[])[], short: boolean): Chosen | undefined {
  const [first] = hearings[0] ?? [];
  if (first === undefined || first.tokens.length === 0) return undefined;
  const merged = new Map<string, Merged>();
  hearings.forEach((readings, hearing) => {
    for (const heard of readings) {
      const text = decodeTokens(heard.tokens);
      const key = normaliseWords(text).join(' ');
      const group = merged.get(key) ?? { scores: [], bonus: -Infinity, best: { heard, hearing } };
      merged.set(key, group);
      group.scores[hearing] = addLogs(group.scores[hearing], heard.score);
      group.bonus = Math.max(group.bonus, spokenBonus(text) + (short ? answerBonus(text) : 0));
      if (heard.score > group.best.heard.score) group.best = { heard, hearing };
    }
  });
  const floors = hearings.map((readings) => Math.min(0, ...readings.map(({ score }) => score)) - 1);
  let chosen: Merged | undefined;
  let most = -Infinity;
  let total: number | undefined;
  for (const group of merged.values()) {
    const sum = floors.reduce((all, floor, hearing) => all + (group.scores[hearing] ?? floor), 0);
    const score = sum / hearings.length + group.bonus;
    total = addLogs(total, score);
    if (score <= most) continue;
    most = score;
    chosen = group;
  }
  return chosen && { ...chosen.best, share: Math.exp(most - (total ?? most)) };
}

interface Merged {
  /** By hearing. */
  readonly scores: (number | undefined)[];
  bonus: number;
  best: { readonly heard: Heard; readonly hearing: number };
}

function addLogs(a: number | undefined, b: number): number {
  if (a === undefined) return b;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
