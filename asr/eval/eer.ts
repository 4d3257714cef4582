import { SidetoneError } from '#lib/errors.ts';
import { seededRandom } from '#lib/testing/random.ts';
import { dot, type SpeakerModel } from '../speakers/types.ts';
import { speechOf } from '../speakers/verification/speech-of.ts';
import { voiceOf } from '../speakers/verification/voiceprint.ts';
import type { Vad } from '../vad/silero.ts';
import type { Interval } from './bootstrap.ts';
import { readVoices } from './eer-voices.ts';
import { readTelephoneAudio } from './utterances.ts';

export interface EerOptions {
  /** Each is given the same trials. */
  readonly models: Readonly<Record<string, SpeakerModel>>;
  readonly vad: Vad;
  /** Seconds of speech of each side of a trial: pieces of this length instead of whole files. */
  readonly pieceS?: number;
  readonly split?: string;
  /** Speakers at most, spread evenly over the manifest. */
  readonly limit?: number;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface EerModel {
  readonly model: string;
  /** Equal error rate in percent, and its interval over speakers. */
  readonly eer: number;
  readonly interval: Interval;
  /** The score at which it is reached. */
  readonly threshold: number;
  /** How many points it is above the first model, by the same draws of speakers; null of the first. */
  readonly difference: (Interval & { readonly points: number }) | null;
  readonly cpuS: number;
}

export interface EerReport {
  readonly speakers: number;
  readonly files: number;
  /** Pairs of one speaker and of two. Never of one file, unless pieces of it are all there is. */
  readonly targets: number;
  readonly impostors: number;
  /** Of the targets, pairs of pieces of one file. */
  readonly sameFile: number;
  readonly models: readonly EerModel[];
}

interface Sample {
  readonly speaker: number;
  readonly file: number;
  readonly speech: Int16Array;
}
export interface Trial {
  readonly speakers: readonly [number, number];
  readonly score: number;
}

const resamples = 300;
const piecesOfFile = 4;

/**
 * Equal error rate over all pairs of files (or of pieces of speech) of a folder with a manifest that names speakers.
 * Impostor pairs are of the same folder, so of one kind of recording.
 */
export async function evaluateEer(folder: string, options: EerOptions): Promise<EerReport> {
  const voices = spread([...(await readVoices(folder, options.split)).values()], options.limit);
  if (voices.length < 2) throw new SidetoneError('bad-request', `${folder} has no manifest.jsonl with two speakers`);
  const files = voices.flatMap((list, speaker) => list.map(({ path }) => ({ path, speaker })));
  const samples: Sample[] = [];
  for (const [file, { path, speaker }] of files.entries()) {
    const speech = await speechOf(options.vad, await readTelephoneAudio(path));
    for (const piece of piecesOf(speech, options.pieceS)) samples.push({ speaker, file, speech: piece });
    options.onProgress?.({ done: file + 1, total: files.length });
  }
  const pairs = pairsOf(samples, voices);
  const models: EerModel[] = [];
  let first: Errors | undefined;
  for (const [name, model] of Object.entries(options.models)) {
    const before = process.cpuUsage();
    const vectors: Float32Array[] = [];
    for (const { speech } of samples) vectors.push(await voiceOf(model, [speech]));
    const { user, system } = process.cpuUsage(before);
    const none = new Float32Array(0);
    const trials = pairs.map(([a, b]): Trial => ({
      speakers: [samples[a]?.speaker ?? 0, samples[b]?.speaker ?? 0],
      score: dot(vectors[a] ?? none, vectors[b] ?? none),
    }));
    const found = equalError(trials);
    const drawn = drawnErrors(trials);
    models.push({
      model: name,
      ...found,
      interval: middleOf(drawn),
      difference: first === undefined ? null : differenceOf(first, { ...found, drawn }),
      cpuS: (user + system) / 1e6,
    });
    first ??= { ...found, drawn };
  }
  const targets = pairs.filter(([a, b]) => samples[a]?.speaker === samples[b]?.speaker);
  return {
    speakers: new Set(samples.map(({ speaker }) => speaker)).size,
    files: new Set(samples.map(({ file }) => file)).size,
    targets: targets.length,
    impostors: pairs.length - targets.length,
    sameFile: targets.filter(([a, b]) => samples[a]?.file === samples[b]?.file).length,
    models,
  };
}

function spread<Voice>(voices: readonly Voice[], limit = Infinity): readonly Voice[] {
  if (voices.length <= limit) return voices;
  return Array.from({ length: limit }, (_, index) => voices[Math.floor((index * voices.length) / limit)] as Voice);
}

function piecesOf(speech: Int16Array, pieceS: number | undefined): Int16Array[] {
  if (pieceS === undefined) return speech.length >= 8000 ? [speech] : [];
  const samples = Math.round(8000 * pieceS);
  const count = Math.min(piecesOfFile, Math.floor(speech.length / samples));
  return Array.from({ length: count }, (_, index) => speech.subarray(index * samples, (index + 1) * samples));
}

function pairsOf(samples: readonly Sample[], voices: readonly (readonly unknown[])[]): [number, number][] {
  const pairs: [number, number][] = [];
  samples.forEach((b, second) => {
    for (let first = 0; first < second; first++) {
      const a = samples[first];
      if (a === undefined) continue;
      const oneFile = a.file === b.file;
      if (!oneFile || (voices[a.speaker]?.length ?? 0) === 1) pairs.push([first, second]);
    }
  });
  return pairs;
}

const isTarget = ({ speakers: [a, b] }: Trial): boolean => a === b;
const bestFirst = (trials: readonly Trial[]): Trial[] => trials.toSorted((a, b) => b.score - a.score);

/** Where as many pairs of one speaker are missed as pairs of two are taken for one. NaN without both kinds. */
export function equalError(trials: readonly Trial[]): { eer: number; threshold: number } {
  return equalErrorOf(bestFirst(trials), () => 1);
}

function equalErrorOf(
  sorted: readonly Trial[],
  weightOf: (trial: Trial) => number,
): { eer: number; threshold: number } {
  let [targets, impostors] = [0, 0];
  for (const trial of sorted) {
    if (isTarget(trial)) targets += weightOf(trial);
    else impostors += weightOf(trial);
  }
  let [accepted, found] = [0, 0];
  for (const trial of sorted) {
    if (isTarget(trial)) found += weightOf(trial);
    else accepted += weightOf(trial);
    const missed = 1 - found / targets;
    if (accepted / impostors >= missed) return { eer: 50 * (accepted / impostors + missed), threshold: trial.score };
  }
  return { eer: Number.NaN, threshold: Number.NaN };
}

/**
 * Equal error rates by bootstrap over speakers: a pair counts as often as its speakers are drawn, one of two speakers by
 * their product. The same draws for trials of the same speakers.
 */
function drawnErrors(trials: readonly Trial[]): number[] {
  const speakers = trials.reduce((most, trial) => Math.max(most, ...trial.speakers), 0) + 1;
  const random = seededRandom(1979);
  const sorted = bestFirst(trials);
  return Array.from({ length: resamples }, () => {
    const drawn = new Uint8Array(speakers);
    for (let i = 0; i < speakers; i++) {
      const speaker = Math.floor(random() * speakers);
      drawn[speaker] = (drawn[speaker] ?? 0) + 1;
    }
    return equalErrorOf(sorted, ({ speakers: [a, b] }) => (drawn[a] ?? 0) * (a === b ? 1 : (drawn[b] ?? 0))).eer;
  });
}

function middleOf(rates: readonly number[]): Interval {
  const sorted = rates.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}

interface Errors {
  readonly eer: number;
  readonly drawn: readonly number[];
}

function differenceOf(first: Errors, other: Errors): Interval & { readonly points: number } {
  const differences = other.drawn.map((value, draw) => value - (first.drawn[draw] ?? Number.NaN));
  return { points: other.eer - first.eer, ...middleOf(differences) };
}
