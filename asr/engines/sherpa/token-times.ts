import { wordsIn, type SpokenWord } from '../spoken.ts';

/** What sherpa-onnx says of a text, token by token; lists that a model has not are empty or absent. */
export interface TokenTimes {
  readonly text: string;
  readonly tokens: readonly string[];
  /** Seconds from the start of the audio. */
  readonly timestamps: readonly number[];
  readonly durations?: readonly number[];
  readonly logProbs?: readonly number[];
}

const samplesPerS = 8000;
/** How long a token lasts of which only the start is known. */
const tokenSamples = 1600;

/**
 * The words of the text with the times of their tokens: letters are counted off on both, so neither case nor the way in
 * which a vocabulary marks spaces matters. Undefined when the tokens do not spell the text.
 */
export function wordsByTokens(said: TokenTimes): readonly SpokenWord[] | undefined {
  const { tokens, timestamps, durations = [], logProbs = [] } = said;
  if (tokens.length === 0 || timestamps.length !== tokens.length) return undefined;
  /** The token of each letter. */
  const owners = tokens.flatMap((token, index) => Array.from({ length: letters(token) }, () => index));
  const words = wordsIn(said.text);
  if (owners.length !== words.reduce((sum, word) => sum + letters(word), 0)) return undefined;
  let at = 0;
  return words.map((text): SpokenWord => {
    const first = owners[at];
    at += letters(text);
    const last = owners[at - 1];
    if (first === undefined || last === undefined || letters(text) === 0) return { text };
    const startSample = toSamples(timestamps[first]);
    const lastStart = toSamples(timestamps[last]);
    const duration = durations[last] ?? 0;
    const endSample = duration > 0 ? lastStart + toSamples(duration) : lastStart + tokenSamples;
    const own = logProbs.length === tokens.length ? logProbs.slice(first, last + 1) : [];
    return { text, startSample, endSample, ...(own.length === 0 ? {} : { confidence: Math.exp(Math.min(...own)) }) };
  });
}

function toSamples(seconds: number | undefined): number {
  return Math.round((seconds ?? 0) * samplesPerS);
}

/** Letters of a word or token: marks of spaces and control tokens such as `<|en|>` count for none. */
function letters(text: string): number {
  if (/^<.*>$/.test(text)) return 0;
  return text.replaceAll(/[\s\u2581]/gu, '').length;
}
