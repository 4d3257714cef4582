import { Diarizer } from '../speakers/diarization/diarizer.ts';
import { clusterOptions } from '../speakers/diarization/voices.ts';
import type { SpeakerModel } from '../speakers/types.ts';
import { vadFrameSamples, type Vad } from '../vad/silero.ts';
import { differenceInterval, rate, rateInterval, type Interval, type Tally } from './bootstrap.ts';
import { readRecordings, type Recording } from './der-recordings.ts';
import { scoreDiarization, type DerSeconds, type LabelledTurn } from './der-score.ts';

/** Who speaks when in a recording, and the CPU time that finding out took. */
export type FindTurns = (pcm: Int16Array) => Promise<readonly LabelledTurn[]>;

export interface DerOptions {
  /** Each is heard on every recording, so that their errors can be compared. */
  readonly systems: Readonly<Record<string, FindTurns>>;
  readonly limit?: number;
  readonly onRecording?: (heard: { readonly name: string; readonly system: string; readonly der: number }) => void;
}

/** Diarization error rate in percent of speech, with its parts; the interval is over recordings. */
export interface DerFigures extends DerSeconds {
  readonly der: number;
  readonly interval: Interval;
}

export interface DerSystem {
  readonly system: string;
  /** Nothing left out of judgement. */
  readonly strict: DerFigures;
  /** With 0.25 s about each edge of the reference left out. */
  readonly collar: DerFigures;
  /** Recordings in which as many speakers were found as there are. */
  readonly rightCount: number;
  /** How many points of the strict error it is above the first system, on the same recordings; null of the first. */
  readonly difference: (Interval & { readonly points: number }) | null;
  /** Of this process, all threads. */
  readonly cpuS: number;
}

export interface DerReport {
  readonly recordings: number;
  readonly audioS: number;
  readonly speakers: number;
  /** Share of speech during which two or more speak, in percent. */
  readonly overlap: number;
  readonly systems: readonly DerSystem[];
}

const collarS = 0.25;

/** Diarization errors of one or more systems over the recordings of a folder (der-recordings.ts). */
export async function evaluateDer(folder: string, options: DerOptions): Promise<DerReport> {
  const scores = new Map(
    Object.keys(options.systems).map((system) => [
      system,
      { strict: [] as DerSeconds[], collar: [] as DerSeconds[], rightCount: 0, cpuS: 0 },
    ]),
  );
  const sum = { recordings: 0, audioS: 0, speakers: 0, speech: 0, overlap: 0 };
  for await (const recording of readRecordings(folder)) {
    if (sum.recordings >= (options.limit ?? Infinity)) break;
    const durationS = recording.pcm.length / 8000;
    sum.recordings++;
    sum.audioS += durationS;
    sum.speakers += new Set(recording.turns.map(({ speaker }) => speaker)).size;
    const oneVoice = scoreDiarization(recording.turns, [{ startS: 0, endS: durationS, speaker: 'one' }], durationS, 0);
    sum.speech += oneVoice.speech;
    sum.overlap += oneVoice.missed;
    for (const [system, find] of Object.entries(options.systems)) {
      const score = scores.get(system);
      if (score === undefined) continue;
      const { found, cpuS } = await timed(find, recording);
      const strict = scoreDiarization(recording.turns, found, durationS, 0);
      score.strict.push(strict);
      score.collar.push(scoreDiarization(recording.turns, found, durationS, collarS));
      score.cpuS += cpuS;
      if (speakersOf(found) === speakersOf(recording.turns)) score.rightCount++;
      options.onRecording?.({ name: recording.name, system, der: rate([tallyOf(strict)]) });
    }
  }
  const first = [...scores.values()][0]?.strict.map(tallyOf);
  return {
    recordings: sum.recordings,
    audioS: sum.audioS,
    speakers: sum.speakers,
    overlap: (100 * sum.overlap) / Math.max(1, sum.speech),
    systems: Array.from(scores, ([system, { strict, collar, rightCount, cpuS }], index) => ({
      system,
      strict: figuresOf(strict),
      collar: figuresOf(collar),
      rightCount,
      difference: index === 0 || first === undefined ? null : differenceOf(first, strict.map(tallyOf)),
      cpuS,
    })),
  };
}

function differenceOf(first: readonly Tally[], other: readonly Tally[]): Interval & { readonly points: number } {
  return { points: rate(other) - rate(first), ...differenceInterval(first, other) };
}

async function timed(find: FindTurns, { pcm }: Recording): Promise<{ found: readonly LabelledTurn[]; cpuS: number }> {
  const before = process.cpuUsage();
  const found = await find(pcm);
  const { user, system } = process.cpuUsage(before);
  return { found, cpuS: (user + system) / 1e6 };
}

const speakersOf = (turns: readonly LabelledTurn[]): number => new Set(turns.map(({ speaker }) => speaker)).size;

function tallyOf({ speech, missed, falseAlarm, confused }: DerSeconds): Tally {
  return { errors: missed + falseAlarm + confused, of: speech };
}

function figuresOf(each: readonly DerSeconds[]): DerFigures {
  const total = (part: keyof DerSeconds): number => each.reduce((sum, seconds) => sum + seconds[part], 0);
  const tallies = each.map(tallyOf);
  return {
    der: rate(tallies),
    interval: rateInterval(tallies),
    speech: total('speech'),
    missed: total('missed'),
    falseAlarm: total('falseAlarm'),
    confused: total('confused'),
  };
}

/** As a recogniser's process does it, by the end of the stream: voice activity detector, windows, vectors, clusters. */
export function ourTurns(vad: Vad, model: SpeakerModel): FindTurns {
  return async (pcm) => {
    const diarizer = new Diarizer(clusterOptions(model));
    const stream = vad.createStream();
    const embed = async (): Promise<void> => {
      while (diarizer.waiting > 0) {
        const windows = diarizer.take(16);
        const vectors = await model.embed(windows.map((window) => window.pcm));
        windows.forEach((window, index) => diarizer.embedded(window, vectors[index] ?? new Float32Array(0)));
      }
    };
    for (let offset = 0; offset + vadFrameSamples <= pcm.length; offset += vadFrameSamples) {
      const [probability = 0] = await vad.detect([{ stream, pcm, offset }]);
      diarizer.heard(offset, pcm.subarray(offset, offset + vadFrameSamples), probability);
      if (diarizer.waiting >= 16) await embed();
    }
    diarizer.pause();
    await embed();
    return diarizer.turns.map(({ startSample, endSample, voice }) => ({
      startS: startSample / 8000,
      endS: endSample / 8000,
      speaker: String(voice + 1),
    }));
  };
}

/** What the detector alone gives: all speech is one speaker's. What diarization must be better than. */
export function oneSpeaker(vad: Vad): FindTurns {
  const none: SpeakerModel = {
    id: 'none',
    dimensions: 1,
    sameVoice: -1,
    embed: (stretches) => Promise.resolve(stretches.map(() => Float32Array.of(1))),
    close: () => Promise.resolve(),
  };
  return ourTurns(vad, none);
}
