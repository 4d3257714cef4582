import { blank, isLetter, isMultiplier, isNumber, other } from './vocabulary.ts';

/** Log probabilities [tokens, rows] of a network trained by CTC. */
export interface Scores {
  readonly values: Float32Array;
  readonly rows: number;
  readonly tokens: readonly string[];
}

interface Spike {
  readonly token: number;
  /** The row in which the token is surest. */
  readonly row: number;
  /** Its log probability there. */
  readonly logProbability: number;
}

interface Alternative {
  readonly token: number;
  readonly logProbability: number;
}

interface Prefix {
  readonly tokens: readonly number[];
  /** Log probability of all ways to this prefix that end in a blank, and of those that end in its last token. */
  blank: number;
  token: number;
  /** Of its grammar. */
  readonly grammar: number;
}

const width = 8;
/** Less likely tokens of a row are not followed. */
const least = -7;

/**
 * The likeliest row of tokens by CTC prefix beam search (Graves 2006; Hannun 2014), with a grammar of how people give
 * numbers: what they do not say costs.
 */
export function search(scores: Scores): number[] {
  const { values, rows, tokens } = scores;
  let beam: Prefix[] = [{ tokens: [], blank: 0, token: -Infinity, grammar: 0 }];
  for (let row = 0; row < rows; row++) {
    const likely = [...tokens.keys()].filter((token) => (values[token * rows + row] ?? least) > least);
    const next = new Map<string, Prefix>();
    const reach = (from: Prefix, token?: number): Prefix => {
      const prefix = token === undefined ? from.tokens : [...from.tokens, token];
      const key = prefix.join();
      const grammar = token === undefined ? from.grammar : from.grammar + penalty(tokens, from.tokens.at(-1), token);
      const known = next.get(key) ?? { tokens: prefix, blank: -Infinity, token: -Infinity, grammar };
      next.set(key, known);
      return known;
    };
    for (const prefix of beam) {
      const total = logSum(prefix.blank, prefix.token);
      const last = prefix.tokens.at(-1);
      for (const token of likely) {
        const score = values[token * rows + row] ?? -Infinity;
        if (token === blank) {
          const same = reach(prefix);
          same.blank = logSum(same.blank, total + score);
        } else {
          const longer = reach(prefix, token);
          longer.token = logSum(longer.token, (token === last ? prefix.blank : total) + score);
          if (token === last) {
            const same = reach(prefix);
            same.token = logSum(same.token, prefix.token + score);
          }
        }
      }
    }
    beam = [...next.values()].toSorted((a, b) => scoreOf(b) - scoreOf(a)).slice(0, width);
  }
  return [...(beam[0]?.tokens ?? [])];
}

function scoreOf(prefix: Prefix): number {
  return logSum(prefix.blank, prefix.token) + prefix.grammar;
}

/** Other words than it knows are not what it is asked for. After "double" comes a digit or a letter; "hundred" and "thousand" come after a number. */
function penalty(tokens: readonly string[], last: number | undefined, token: number): number {
  const before = last === undefined ? '' : (tokens[last] ?? '');
  const word = tokens[token] ?? '';
  if (token === other) return -1.5;
  if (isMultiplier(before) && !isNumber(word) && !isLetter(word)) return -3;
  if ((word === 'hundred' || word === 'thousand') && last !== other && !isNumber(before)) return -3;
  return 0;
}

function logSum(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/** Where each of `path`'s tokens stands: the likeliest way through the rows (Viterbi), and each token's surest row. */
export function align({ values, rows }: Scores, path: readonly number[]): Spike[] {
  const states = 2 * path.length + 1;
  const tokenAt = (state: number): number => (state % 2 === 0 ? blank : (path[(state - 1) / 2] ?? blank));
  const from = new Int32Array(rows * states).fill(-1);
  let best = new Float64Array(states).fill(-Infinity);
  for (let row = 0; row < rows; row++) {
    const next = new Float64Array(states).fill(-Infinity);
    for (let state = 0; state < states; state++) {
      let source = state;
      for (const step of [1, 2]) {
        const earlier = state - step;
        const skips = step === 2 && (state % 2 === 0 || tokenAt(state) === tokenAt(earlier));
        if (earlier >= 0 && !skips && (best[earlier] ?? -Infinity) > (best[source] ?? -Infinity)) source = earlier;
      }
      const before = row === 0 ? (state < 2 ? 0 : -Infinity) : (best[source] ?? -Infinity);
      from[row * states + state] = source;
      next[state] = before + (values[tokenAt(state) * rows + row] ?? -Infinity);
    }
    best = next;
  }
  const spikes: Spike[] = path.map((token) => ({ token, row: 0, logProbability: -Infinity }));
  let state = states - 1;
  if (states > 1 && (best[states - 2] ?? -Infinity) > (best[states - 1] ?? -Infinity)) state = states - 2;
  for (let row = rows - 1; row >= 0; row--) {
    const index = (state - 1) / 2;
    const token = tokenAt(state);
    const logProbability = values[token * rows + row] ?? -Infinity;
    if (state % 2 === 1 && logProbability > (spikes[index]?.logProbability ?? 0)) {
      spikes[index] = { token, row, logProbability };
    }
    state = from[row * states + state] ?? 0;
  }
  return spikes;
}

const alternativeRows = 2;

/** What else may have been said at a spike, likeliest first: the other tokens' log probabilities near it. */
export function alternativesTo({ token: chosen, row: middle }: Spike, { values, rows, tokens }: Scores): Alternative[] {
  const from = Math.max(0, middle - alternativeRows);
  const to = Math.min(rows, middle + alternativeRows + 1);
  const likely: Alternative[] = [];
  for (let token = 1; token < tokens.length; token++) {
    if (token === chosen) continue;
    let logProbability = -Infinity;
    for (let row = from; row < to; row++) {
      logProbability = Math.max(logProbability, values[token * rows + row] ?? -Infinity);
    }
    if (logProbability > least) likely.push({ token, logProbability });
  }
  return likely.toSorted((a, b) => b.logProbability - a.logProbability);
}
