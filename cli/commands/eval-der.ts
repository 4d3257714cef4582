import { resolve } from 'node:path';
import { Command } from 'commander';
import type { DerFigures, DerReport, FindTurns } from '../../asr/eval/der.ts';
import { percent, range, toTheFirst } from '../figures.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, printTable, showProgress } from '../output.ts';
import { speakerModelsHelp, withSpeakerModels } from '../speaker-models.ts';

interface DerCommandOptions {
  readonly limit?: number;
  readonly model: readonly string[];
  readonly json?: true;
}

/** The voice activity detector alone, all speech one speaker's: what telling speakers apart must be better than. */
const baseline = 'one speaker';

export function evalDerCommand(): Command {
  return new Command('der')
    .description(
      'diarization error rate: a folder of .rttm files with the sound of the same names, or with manifest.jsonl (a line {path, speaker} a file) of which conversations of two are made',
    )
    .argument('<dir>')
    .option('--limit <n>', 'recordings at most', wholeNumber(1))
    .option('--model <name...>', speakerModelsHelp, ['configured'])
    .option('--json', 'print JSON')
    .action(async (dir: string, options: DerCommandOptions, command: Command) => {
      const report = await measure(resolve(dir), options, command);
      if (options.json === true) printJson(report);
      else print(report);
    });
}

async function measure(dir: string, { limit, model: names }: DerCommandOptions, command: Command): Promise<DerReport> {
  const { evaluateDer, oneSpeaker, ourTurns } = await import('../../asr/eval/der.ts');
  return withSpeakerModels(command, names, (models, vad) => {
    const systems: Record<string, FindTurns> = {};
    for (const [name, model] of Object.entries(models)) systems[name] = ourTurns(vad, model);
    systems[baseline] = oneSpeaker(vad);
    return evaluateDer(dir, {
      systems,
      ...(limit === undefined ? {} : { limit }),
      onRecording: ({ name, system }) => showProgress(`${name}: ${system}`),
    });
  });
}

function print({ recordings, audioS, speakers, overlap, systems }: DerReport): void {
  const share = (seconds: number, { speech }: DerFigures): string => percent((100 * seconds) / Math.max(speech, 0.01));
  console.log(
    `${recordings} recordings of ${(audioS / 60).toFixed(1)} min, ${speakers} speakers, ${percent(overlap)} % of the speech overlapped`,
  );
  printTable(
    [
      'model',
      'missed %',
      'false alarm %',
      'confused %',
      'error %',
      '95 %',
      'with collar %',
      '95 %',
      'counted right',
      'CPU of real time',
      'to the first',
    ],
    systems.map(({ system, strict, collar, rightCount, cpuS, difference }) => [
      system,
      share(strict.missed, strict),
      share(strict.falseAlarm, strict),
      share(strict.confused, strict),
      percent(strict.der),
      range(strict.interval),
      percent(collar.der),
      range(collar.interval),
      `${rightCount} of ${recordings}`,
      (cpuS / Math.max(audioS, 0.001)).toFixed(4),
      toTheFirst(difference),
    ]),
  );
}
