import type { EngineResult, EngineWord } from './types.ts';

/** What an engine heard, as far as it says; the rest is worked out here and nowhere else. */
export interface Spoken {
  readonly text: string;
  /** Fit for a `draft`; of engines that take none, absent. */
  readonly tokens?: readonly number[];
  /** In order. Absent: the words of `text`, of which the engine knows neither times nor confidence. */
  readonly words?: readonly SpokenWord[];
  /** BCP 47, of an engine that tells languages apart. */
  readonly language?: string;
}

export interface SpokenWord {
  readonly text: string;
  /** 8 kHz samples from the start of the request's audio. Absent: spread by letters. */
  readonly startSample?: number;
  readonly endSample?: number;
  /** Absent: 1. */
  readonly confidence?: number;
}

export const nothingSaid: EngineResult = Object.freeze({ text: '', tokens: [], words: [], confidence: 0, empty: true });

/**
 * Words in order, within the audio, without overlap; those without times share what lies between their neighbours (at the
 * ends: between the first and the last sound) by their letters.
 */
export function resultOf(spoken: Spoken, pcm: Int16Array): EngineResult {
  const words = spoken.words ?? wordsIn(spoken.text).map((text) => ({ text }));
  const heard = words.filter((word) => /[\p{L}\p{N}]/u.test(word.text));
  if (heard.length === 0) return nothingSaid;
  const placed = place(heard, pcm);
  const confidence = placed.reduce((sum, word) => sum + word.confidence, 0) / placed.length;
  return Object.freeze({
    text: spoken.text.trim(),
    tokens: spoken.tokens ?? [],
    words: placed,
    confidence,
    empty: false,
    ...(spoken.language === undefined ? {} : { language: spoken.language }),
  });
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const unspaced = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}/u;

/** At white space, and within scripts that have none at their own words; punctuation stays with the word before it. */
export function wordsIn(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((chunk) => (unspaced.test(chunk) ? unspacedWords(chunk) : [chunk]))
    .filter((word) => word !== '');
}

function unspacedWords(chunk: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(chunk)) {
    if (isWordLike === true || words.length === 0) words.push(segment);
    else words.push((words.pop() ?? '') + segment);
  }
  return words;
}

function place(words: readonly SpokenWord[], pcm: Int16Array): EngineWord[] {
  const [first, last] = soundSpan(pcm);
  const placed: EngineWord[] = [];
  let atSample = 0;
  for (let index = 0; index < words.length;) {
    const word = words[index] as SpokenWord;
    if (word.startSample !== undefined) {
      const start = clamp(word.startSample, atSample, pcm.length);
      const next = words[index + 1]?.startSample ?? pcm.length;
      const end = clamp(word.endSample ?? next, start, Math.max(start, Math.min(next, pcm.length)));
      placed.push(wordAt(word, start, end));
      atSample = end;
      index += 1;
      continue;
    }
    let after = index;
    while (after < words.length && words[after]?.startSample === undefined) after += 1;
    const from = index === 0 ? Math.min(first, words[after]?.startSample ?? first) : atSample;
    const to = clamp(words[after]?.startSample ?? last, from, pcm.length);
    placed.push(...spread(words.slice(index, after), from, to));
    atSample = to;
    index = after;
  }
  return placed;
}

function spread(words: readonly SpokenWord[], from: number, to: number): EngineWord[] {
  const total = words.reduce((sum, word) => sum + weight(word), 0);
  let before = 0;
  return words.map((word) => {
    const start = from + Math.round(((to - from) * before) / total);
    before += weight(word);
    return wordAt(word, start, from + Math.round(((to - from) * before) / total));
  });
}

/** A letter more, for what lies between two words. */
function weight(word: SpokenWord): number {
  return word.text.replaceAll(/[^\p{L}\p{N}]/gu, '').length + 1;
}

function wordAt({ text, confidence = 1 }: SpokenWord, startSample: number, endSample: number): EngineWord {
  return { text, startSample, endSample, confidence: clamp(confidence, 0, 1) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

const windowSamples = 80;
/** Sound is what comes within 30 dB of the loudest 10 ms. */
const soundShare = 1e-3;

/** From the first to after the last sample with sound. */
function soundSpan(pcm: Int16Array): [number, number] {
  const windows = Math.ceil(pcm.length / windowSamples);
  const energies = new Float64Array(windows);
  for (let index = 0; index < pcm.length; index += 1) {
    const window = Math.floor(index / windowSamples);
    energies[window] = (energies[window] ?? 0) + (pcm[index] ?? 0) ** 2;
  }
  const floor = energies.reduce((most, energy) => Math.max(most, energy), 0) * soundShare;
  const first = energies.findIndex((energy) => energy > floor);
  if (first === -1) return [0, pcm.length];
  const last = energies.findLastIndex((energy) => energy > floor);
  return [first * windowSamples, Math.min(pcm.length, (last + 1) * windowSamples)];
}
