import { tokensOf } from '../words.ts';
import { phraseScores, wordScore } from './lexicon.ts';

const negators = new Set(['not', 'no', 'never', 'without', 'hardly', 'barely', 'nothing', 'cannot', 'neither', 'nor']);
const boosters = new Map([
  ['very', 1.3],
  ['really', 1.3],
  ['so', 1.2],
  ['extremely', 1.5],
  ['absolutely', 1.4],
  ['completely', 1.3],
  ['totally', 1.3],
  ['quite', 0.9],
  ['a bit', 0.7],
  ['slightly', 0.6],
]);
/** A negation reaches this many words back from the word it turns. */
const negationReachWords = 3;
/** Hutto & Gilbert 2014 (VADER) turn and damp a negated word by this. */
const negationFactor = -0.74;
/** The sum s becomes 5 * s / sqrt(s^2 + this): VADER's alpha, which keeps long utterances inside the scale. */
const dampening = 15;

/**
 * Sentiment of one utterance's (redacted) text, -5..+5, rounded to one decimal. What is said, not how: no tone of voice
 * is measured, and a sad fact is a low score without being anybody's fault.
 */
export function scoreSentiment(text: string): number {
  const tokens = tokensOf(text);
  let sum = 0;
  for (let at = 0; at < tokens.length;) {
    const phrase = phraseAt(tokens, at);
    if (phrase !== undefined) {
      sum += phrase.score * boostBefore(tokens, at);
      at += phrase.length;
      continue;
    }
    const score = wordScore(tokens[at] ?? '');
    if (score !== 0) sum += score * boostBefore(tokens, at) * (negatedBefore(tokens, at) ? negationFactor : 1);
    at += 1;
  }
  const score = (5 * sum) / Math.sqrt(sum * sum + dampening);
  return Math.round(score * 10) / 10 + 0;
}

function phraseAt(tokens: readonly string[], at: number): { score: number; length: number } | undefined {
  for (const [words, score] of phraseScores) {
    if (words.every((word, offset) => tokens[at + offset] === word)) return { score, length: words.length };
  }
  return undefined;
}

function negatedBefore(tokens: readonly string[], at: number): boolean {
  for (let back = 1; back <= negationReachWords && at - back >= 0; back++) {
    const word = tokens[at - back] ?? '';
    if (negators.has(word) || word.endsWith("n't")) return true;
  }
  return false;
}

function boostBefore(tokens: readonly string[], at: number): number {
  return boosters.get(tokens[at - 1] ?? '') ?? boosters.get(`${tokens[at - 2] ?? ''} ${tokens[at - 1] ?? ''}`) ?? 1;
}
