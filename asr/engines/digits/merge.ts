import type { Pair } from './pairing.ts';
import type { HeardToken } from './recogniser.ts';
import { soundOf, type Unit } from './units.ts';
import { digitsIn, isSpelled } from './vocabulary.ts';

/** A word, digit or letter of the merged result. */
export interface Piece {
  readonly name: string;
  /** What the first pass had in its place. */
  readonly unit: Unit | undefined;
  /** Where the digit recogniser heard it, 8 kHz samples. */
  readonly sample: number | undefined;
  readonly confidence: number;
}

/** Set on AN4's training split, by speakers that the training did not hear. */
const mergeLimits = {
  /** Less sure than this, a word of the digit recogniser's is not added to what the first pass has. */
  added: 0.5,
  /** Of the first pass, what the other did not hear stays: digits always, letters and other words from these on. */
  letterStays: 0.4,
  wordStays: 0.85,
  /** How much the digit recogniser's log probabilities count beside the first pass's. */
  weight: 0.75,
  /** That a wrong word of the first pass's stands for this very token rather than any other. */
  confusion: 0.15,
  /** Log probability of what the digit recogniser does not name among the alternatives. */
  unnamed: -5,
  /** Log odds against a digit's becoming a letter or word, alone and beside other digits. */
  toll: 1,
  tollAmongDigits: 3,
};

/** Word by word the likelier of the two. `whole`: the run is all of its segment. */
export function mergeRun(pairs: readonly Pair[], whole: boolean): Piece[] {
  return pairs.flatMap(({ unit, heard }, index): Piece[] => {
    if (heard === undefined || heard.token === null) {
      if (unit === undefined) return [];
      return stays(unit, whole, heardBefore(pairs, index)) ? [fromFirst(unit, Math.min(unit.confidence, 0.5))] : [];
    }
    const probability = Math.exp(heard.logProbability);
    if (unit === undefined) return probability >= mergeLimits.added ? [fromSecond(heard, unit)] : [];
    if (unit.name === heard.token) return [fromFirst(unit, agreed(unit.confidence, probability), heard)];
    const first = oddsOfFirst(unit, heard) + toll(pairs, index);
    if (first > 0) return [fromFirst(unit, sureness(first))];
    // Redaction takes unsure words of a number with care: what may have been a digit after all must not look certain.
    const atMost = digitsIn(unit.name) > digitsIn(heard.token) ? 0.5 : 1;
    return [fromSecond(heard, unit, Math.min(atMost, sureness(-first)))];
  });
}

function stays(unit: Unit, whole: boolean, spare: boolean): boolean {
  if (digitsIn(unit.name) > 0) return !spare;
  if (isSpelled(unit.name)) return unit.confidence >= mergeLimits.letterStays;
  return !whole || unit.confidence >= mergeLimits.wordStays;
}

/** "seventeen" for "seven ten": a token that stands for two digits takes the place of two units. */
function heardBefore(pairs: readonly Pair[], index: number): boolean {
  const { unit, heard } = pairs[index - 1] ?? {};
  return digitsIn(heard?.token ?? '') > 1 && digitsIn(unit?.name ?? '') < 2;
}

/** Log odds of the first pass's word against the other's, from how sure both are of either. */
function oddsOfFirst(unit: Unit, { logProbability, alternatives }: HeardToken): number {
  const { weight, confusion, unnamed } = mergeLimits;
  const confidence = Math.min(0.98, Math.max(0.02, unit.confidence));
  const other = alternatives.get(soundOf(unit.name)) ?? unnamed;
  return Math.log(confidence) - Math.log((1 - confidence) * confusion) + weight * (other - logProbability);
}

/** A digit that becomes a letter is a digit lost to redaction: only where there is little doubt, least among digits. */
function toll(pairs: readonly Pair[], index: number): number {
  const { unit, heard } = pairs[index] ?? {};
  if (digitsIn(unit?.name ?? '') <= digitsIn(heard?.token ?? '')) return 0;
  const amongDigits = [pairs[index - 1], pairs[index + 1]].some(
    (pair) => digitsIn(pair?.heard?.token ?? pair?.unit?.name ?? '') > 0,
  );
  return amongDigits ? mergeLimits.tollAmongDigits : mergeLimits.toll;
}

function sureness(odds: number): number {
  return 1 / (1 + Math.exp(-Math.abs(odds)));
}

/** Of two witnesses. */
function agreed(first: number, second: number): number {
  return 1 - (1 - first) * (1 - 0.8 * second);
}

function fromFirst(unit: Unit, confidence: number, heard?: HeardToken): Piece {
  return { name: unit.name, unit, sample: heard?.sample, confidence };
}

function fromSecond(heard: HeardToken, unit: Unit | undefined, confidence = Math.exp(heard.logProbability)): Piece {
  return { name: heard.token ?? '', unit, sample: heard.sample, confidence };
}
