import type { EngineWord } from '../types.ts';
import { digitNames } from './vocabulary.ts';

/** A first-pass word, or one of the digits or letters that it writes together. */
export interface Unit {
  /** As the digit recogniser would call it: `seven`, `x`; ordinary words in lower case. */
  readonly name: string;
  /** Which of the words it is from. */
  readonly word: number;
  /** 8 kHz samples. */
  readonly startSample: number;
  readonly endSample: number;
  readonly confidence: number;
}

/** "8885" is four units, "K-7" two, "o'clock" one. A word's time is shared out evenly. */
export function unitsOf(words: readonly EngineWord[]): Unit[] {
  return words.flatMap(({ text, startSample, endSample, confidence }, word) => {
    const names = namesIn(text);
    const step = (endSample - startSample) / names.length;
    return names.map((name, index) => ({
      name,
      word,
      startSample: Math.round(startSample + index * step),
      endSample: Math.round(startSample + (index + 1) * step),
      confidence,
    }));
  });
}

function namesIn(text: string): string[] {
  const isAcronym = /^[^a-z]*[A-Z]{2,}[^a-z]*$/.test(text);
  return text
    .split(/[^\p{L}\p{N}']+/u)
    .filter((part) => /[\p{L}\p{N}]/u.test(part))
    .flatMap((part) => {
      if (!isAcronym && !/\d/.test(part)) return [wordName(part.toLowerCase())];
      return (part.toLowerCase().match(/[^']/gu) ?? []).map((sign) => digitNames[Number(sign)] ?? sign);
    });
}

function wordName(word: string): string {
  return word === 'oh' ? 'o' : word;
}

/** Words that a digit or a letter is written as when it is taken for a word: what each sounds like. */
const soundsLike = new Map(
  Object.entries({
    one: 'won want',
    two: 'to too do',
    three: 'tree free',
    four: 'for fore poor ford far',
    five: 'fire fine',
    six: 'sex sic sixth',
    seven: 'heaven',
    eight: 'ate hate ape eighth',
    nine: 'mine line night nein',
    zero: 'hero',
    o: 'oh owe of or',
    a: 'hey eh ay',
    b: 'be bee me',
    c: 'see sea',
    d: 'the dee',
    g: 'gee',
    i: 'eye hi',
    j: 'jay',
    k: 'kay okay',
    l: 'ell hell',
    m: 'em am',
    n: 'an and in',
    p: 'pea',
    q: 'cue queue',
    r: 'are our',
    t: 'tea tee',
    u: 'you',
    x: 'ex axe',
    y: 'why',
  }).flatMap(([name, words]) => words.split(' ').map((word): [string, string] => [word, name])),
);

export function soundOf(name: string): string {
  return soundsLike.get(name) ?? name;
}
