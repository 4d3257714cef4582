import { numbersAsDigits } from '../../text/numbers-as-digits.ts';
import type { EngineRequest, EngineResult } from '../types.ts';
import { mergeRun, type Piece } from './merge.ts';
import { pairUp, type Pair } from './pairing.ts';
import type { HeardToken } from './recogniser.ts';
import { soundOf, unitsOf, type Unit } from './units.ts';
import { wordsOfPieces } from './words.ts';
import { isSpelled } from './vocabulary.ts';

/** At or below this a segment is a short utterance, of which the first pass knows little. */
const shortSamples = 16_000;
/** Words less sure than this may be digits or letters taken for words. */
const unsure = 0.75;

/**
 * Whether the digit recogniser should be asked: the first pass shows digits or letters in a row, the utterance is very
 * short, nothing was recognised, or it is unsure of its words.
 */
export function wantsSecondOpinion(request: EngineRequest, result: EngineResult): boolean {
  if (result.empty) return request.speechSeen;
  if (request.pcm.length <= shortSamples || result.words.length <= 2 || result.confidence < unsure) return true;
  const spelled = unitsOf(result.words).map(({ name, confidence }) =>
    isSpelled(confidence < unsure ? soundOf(name) : name),
  );
  return spelled.some((is, index) => is && spelled[index + 1] === true);
}

/**
 * The first pass's result with what the digit recogniser heard better in the same sound. Only stretches change in which
 * it hears digits, letters and commands and nothing else for long enough, surely enough; there the two are merged word
 * by word. Of digits in a row that either heard none is dropped.
 */
export function secondOpinion(result: EngineResult, heard: readonly HeardToken[], samples: number): EngineResult {
  const pairs = pairUp(unitsOf(result.words), heard);
  const pieces: Piece[] = [];
  let changed = false;
  for (const run of runsOf(pairs, heard)) {
    const merges = run.believed && !sayTheSame(run.pairs);
    const merged = merges ? mergeRun(run.pairs, run.whole) : run.pairs.flatMap(asFirstHeard);
    changed ||= merged.some(({ unit, name }) => unit?.name !== name) || merged.length < unitCount(run.pairs);
    pieces.push(...merged);
  }
  if (!changed) return result;
  const words = wordsOfPieces(pieces, result.words, samples);
  return Object.freeze({
    ...result,
    text: words.map(({ text }) => text).join(' '),
    words,
    confidence: words.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, words.length),
    empty: words.length === 0,
  });
}

interface Run {
  readonly pairs: readonly Pair[];
  /** The digit recogniser heard nothing else in the whole segment. */
  readonly whole: boolean;
  readonly believed: boolean;
}

/** Stretches in which the digit recogniser knows every word, and those between them. */
function runsOf(pairs: readonly Pair[], heard: readonly HeardToken[]): Run[] {
  const whole = heard.length > 0 && heard.every(({ token }) => token !== null);
  if (whole) return [{ pairs, whole, believed: isBelieved(pairs, whole) }];
  const runs: { pairs: Pair[]; known: boolean }[] = [];
  for (const pair of pairs) {
    const last = runs.at(-1);
    const known = pair.heard === undefined ? (last?.known ?? false) : pair.heard.token !== null;
    if (last?.known === known) last.pairs.push(pair);
    else runs.push({ pairs: [pair], known });
  }
  return runs.flatMap(({ pairs: inRun, known }) => {
    if (!known) return [{ pairs: inRun, whole, believed: false }];
    const end = inRun.findLastIndex((pair) => pair.heard !== undefined) + 1;
    const rest = inRun.slice(end);
    const run = { pairs: inRun.slice(0, end), whole, believed: isBelieved(inRun.slice(0, end), whole) };
    return rest.length === 0 ? [run] : [run, { pairs: rest, whole, believed: false }];
  });
}

/** Set on AN4's training split, by speakers that the training did not hear, and on ordinary sentences. */
const limits = {
  /** Mean probability of a whole segment's tokens; of its only one; of the only one where the first pass heard nothing. */
  whole: 0.45,
  lone: 0.6,
  loneUnheard: 0.8,
  /** Of a run among other words, and how many digits or letters it must have. */
  inside: 0.6,
  insideAtLeast: 3,
};

function isBelieved(pairs: readonly Pair[], whole: boolean): boolean {
  const heard = pairs.flatMap((pair) => pair.heard ?? []);
  const units = pairs.flatMap((pair) => pair.unit ?? []);
  const sureness = Math.exp(heard.reduce((sum, { logProbability }) => sum + logProbability, 0) / heard.length);
  const differ = units.filter(({ name }) => !isSpelled(name));
  const firstPass = differ.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, differ.length);
  if (differ.length > 0 && sureness < firstPass) return false;
  const alone = units.length === 0 ? limits.loneUnheard : limits.lone;
  if (whole) return sureness >= (heard.length === 1 ? alone : limits.whole);
  const spelled = heard.filter(({ token }) => token !== null && isSpelled(token)).length;
  return spelled >= limits.insideAtLeast && spelled > 0.7 * heard.length && sureness >= limits.inside;
}

/** "1969" and "nineteen sixty nine". */
function sayTheSame(pairs: readonly Pair[]): boolean {
  const first = numbersAsDigits(pairs.flatMap(({ unit }) => unit?.name ?? []));
  const second = numbersAsDigits(pairs.flatMap(({ heard }) => heard?.token ?? []));
  return first.join() === second.join();
}

function asFirstHeard({ unit }: Pair): Piece[] {
  return unit === undefined ? [] : [{ name: unit.name, unit, sample: undefined, confidence: unit.confidence }];
}

function unitCount(pairs: readonly Pair[]): number {
  return pairs.filter((pair: { unit: Unit | undefined }) => pair.unit !== undefined).length;
}
