import { readCorpora, readTelephoneAudio } from '../../asr/eval/utterances.ts';
import { comparedNames, openCompared } from './compared.ts';

/** What bench/recognisers.ts hears from it. */
export interface RecogniserRun {
  readonly cpuS: number;
  readonly audioS: number;
  /** The most that the process held, models included. */
  readonly memoryMb: number;
  readonly heard: readonly { readonly said: string; readonly text: string }[];
}

/**
 * One recogniser over a folder of corpora, finals only, one thread. It is started for each by bench/recognisers.ts, so that the
 * CPU time of the process is that recogniser's. Sound is read, and the first eight utterances are recognised once,
 * before the clock starts.
 */
const [name, folder = '', limit = '', cacheDir = ''] = process.argv.slice(2);
const asked = comparedNames.find((each) => each === name);
if (asked === undefined) throw new RangeError(`${name} is none of ${comparedNames.join(', ')}`);
const utterances = (await readCorpora(folder)).flatMap((corpus) => corpus.utterances);
const chosen = utterances.filter(
  (_, index) =>
    Math.floor((index * Number(limit)) / utterances.length) !==
    Math.floor(((index - 1) * Number(limit)) / utterances.length),
);
const audio = await Promise.all(chosen.map(({ path }) => readTelephoneAudio(path)));
const recogniser = await openCompared(asked, cacheDir);
await recogniser.recognise(audio.slice(0, 8));
const before = process.cpuUsage();
const texts = await recogniser.recognise(audio);
const used = process.cpuUsage(before);
const run: RecogniserRun = {
  cpuS: recogniser.ownCpuS?.() ?? (used.user + used.system) / 1e6,
  audioS: audio.reduce((sum, { length }) => sum + length / 8000, 0),
  memoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  heard: texts.map((text, index) => ({ said: chosen[index]?.text ?? '', text })),
};
process.send?.(run, () => process.exit(0));
