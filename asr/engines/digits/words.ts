import type { EngineWord } from '../types.ts';
import type { Piece } from './merge.ts';
import { isLetter } from './vocabulary.ts';

/** As long as a word of which only the middle is known is taken to be, and the least of any other's. */
const halfWordSamples = 1400;
const leastHalfSamples = 400;

/** A word with the sample at which it is surely being said. */
interface Placed {
  readonly word: EngineWord;
  readonly middle: number;
}

/**
 * Words of the merged pieces: a first-pass word of which all stays, as it was written; every other piece as it is said.
 * In time order, without overlap, within `samples`.
 */
export function wordsOfPieces(pieces: readonly Piece[], first: readonly EngineWord[], samples: number): EngineWord[] {
  const placed: Placed[] = [];
  for (let index = 0; index < pieces.length;) {
    const group = unchangedGroup(pieces, index, first);
    const count = Math.max(1, group);
    const own = pieces.slice(index, index + count);
    const text = group > 0 ? (first[own[0]?.unit?.word ?? -1]?.text ?? '') : shown(pieces, index);
    placed.push(place(text, own));
    index += count;
  }
  return withoutOverlap(placed, samples);
}

/** How many pieces from `index` on are just the units of one first-pass word, all of them; else 0. */
function unchangedGroup(pieces: readonly Piece[], index: number, first: readonly EngineWord[]): number {
  const number = pieces[index]?.unit?.word;
  const word = number === undefined ? undefined : first[number];
  if (word === undefined || pieces[index - 1]?.unit?.word === number) return 0;
  let count = 0;
  while (pieces[index + count]?.unit?.word === number) count += 1;
  const group = pieces.slice(index, index + count);
  const whole =
    group.every(({ name, unit }) => name === unit?.name) &&
    group[0]?.unit?.startSample === word.startSample &&
    group.at(-1)?.unit?.endSample === word.endSample;
  return whole ? count : 0;
}

/** Letters are capital; `o` is a letter among letters and "oh" anywhere else. */
function shown(pieces: readonly Piece[], index: number): string {
  const name = pieces[index]?.name ?? '';
  if (!isLetter(name)) return name;
  const amongLetters = [pieces[index - 1], pieces[index + 1]].some(
    (piece) => piece !== undefined && isLetter(piece.name) && piece.name !== 'o',
  );
  return name === 'o' && !amongLetters ? 'oh' : name.toUpperCase();
}

function place(text: string, pieces: readonly Piece[]): Placed {
  const heardAt = pieces.flatMap(({ sample }) => sample ?? []);
  const units = pieces.flatMap(({ unit }) => unit ?? []);
  const from = Math.min(...heardAt.map((sample) => sample - (units.length > 0 ? leastHalfSamples : halfWordSamples)));
  const to = Math.max(...heardAt.map((sample) => sample + (units.length > 0 ? leastHalfSamples : halfWordSamples)));
  const startSample = Math.min(from, ...units.map((unit) => unit.startSample));
  const endSample = Math.max(to, ...units.map((unit) => unit.endSample));
  const heardMiddle = heardAt.reduce((sum, sample) => sum + sample, 0) / heardAt.length;
  return {
    word: { text, startSample, endSample, confidence: Math.min(...pieces.map(({ confidence }) => confidence)) },
    middle: heardAt.length > 0 ? heardMiddle : (startSample + endSample) / 2,
  };
}

/** Two words that overlap meet half way between their middles. */
function withoutOverlap(placed: readonly Placed[], samples: number): EngineWord[] {
  const words: EngineWord[] = [];
  let startSample = 0;
  placed.forEach(({ word, middle }, index) => {
    const next = placed[index + 1];
    const overlaps = next !== undefined && next.word.startSample < word.endSample;
    const meet = overlaps ? Math.round((middle + next.middle) / 2) : samples;
    const start = Math.min(samples, Math.max(startSample, word.startSample));
    const end = Math.min(samples, Math.max(start, Math.min(word.endSample, meet)));
    words.push({ ...word, startSample: start, endSample: end });
    startSample = overlaps ? Math.max(end, meet) : end;
  });
  return words;
}
