import type { EngineResult } from '../engines/types.ts';

/** Positions are samples on the call's timeline. */
export interface TimedWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
  readonly confidence: number;
}

/** From positions in the audio of a request, which lay from `startSample` to `endSample`, to positions in the call. */
export function placeWords(result: EngineResult, startSample: number, endSample: number): TimedWord[] {
  return result.words.map((word) => ({
    text: word.text,
    startSample: Math.min(endSample, startSample + word.startSample),
    endSample: Math.min(endSample, startSample + word.endSample),
    confidence: word.confidence,
  }));
}

/** A word as it is compared: without case and punctuation. `Hello,` and `hello` are the same word. */
export function bareWord(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}']/gu, '');
}

/**
 * How many words at the start of `hypothesis` stand for the words of `shown`: the length of that prefix of `hypothesis`
 * which is nearest to `shown` by word edits; of equals the one whose last word is the last of `shown`, then the longest.
 */
export function alignPrefix(shown: readonly string[], hypothesis: readonly string[]): number {
  const columns = hypothesis.length;
  let previous = Array.from({ length: columns + 1 }, (_, j) => j);
  for (const [i, word] of shown.entries()) {
    const row = [i + 1];
    for (let j = 1; j <= columns; j += 1) {
      const same = word === hypothesis[j - 1];
      const diagonal = (previous[j - 1] ?? 0) + (same ? 0 : 1);
      row.push(Math.min(diagonal, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  const last = shown.at(-1);
  let best = 0;
  let bestCost = Infinity;
  previous.forEach((cost, j) => {
    const weighted = 2 * cost + (j > 0 && hypothesis[j - 1] === last ? 0 : 1);
    if (weighted <= bestCost) {
      best = j;
      bestCost = weighted;
    }
  });
  return best;
}
