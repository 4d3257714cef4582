import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Decisions } from '../../asr/eval/eer-decisions.ts';
import type { EerReport } from '../../asr/eval/eer.ts';
import { percent, range, toTheFirst } from '../figures.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, printTable, showProgress } from '../output.ts';
import { speakerModelsHelp, withSpeakerModels } from '../speaker-models.ts';

interface EerCommandOptions {
  readonly limit?: number;
  readonly split?: string;
  readonly piece?: number;
  readonly decisions?: true;
  readonly model: readonly string[];
  readonly json?: true;
}

const decisionTestsS = [1.5, 3, 6];

export function evalEerCommand(): Command {
  return new Command('eer')
    .description('equal error rate of speaker models: a folder with manifest.jsonl (a line {path, speaker} a file)')
    .argument('<dir>')
    .option('--limit <n>', 'speakers at most, spread evenly over the manifest', wholeNumber(2))
    .option('--split <name>', 'only rows of this split')
    .option('--piece <s>', 'seconds of speech of each side of a pair, instead of whole files', wholeNumber(1))
    .option('--decisions', 'also what same, other and unsure are worth, by voiceprints of 10 s of the first model')
    .option('--model <name...>', speakerModelsHelp, ['configured'])
    .option('--json', 'print JSON')
    .action(async (dir: string, options: EerCommandOptions, command: Command) => {
      const { report, decisions } = await measure(resolve(dir), options, command);
      if (options.json === true) printJson({ ...report, decisions });
      else print(report, decisions);
    });
}

async function measure(
  dir: string,
  { limit, split, piece, decisions: isDecided, model: names }: EerCommandOptions,
  command: Command,
): Promise<{ readonly report: EerReport; readonly decisions: readonly Decisions[] | null }> {
  const { evaluateEer } = await import('../../asr/eval/eer.ts');
  const { evaluateDecisions } = await import('../../asr/eval/eer-decisions.ts');
  return withSpeakerModels(command, names, async (models, vad) => {
    const report = await evaluateEer(dir, {
      models,
      vad,
      ...(limit === undefined ? {} : { limit }),
      ...(split === undefined ? {} : { split }),
      ...(piece === undefined ? {} : { pieceS: piece }),
      onProgress: ({ done, total }) => showProgress(`${done} of ${total} files`),
    });
    const [model] = Object.values(models);
    const decisions =
      isDecided === true && model !== undefined
        ? await evaluateDecisions(dir, { model, vad, testS: decisionTestsS })
        : null;
    return { report, decisions };
  });
}

function print(report: EerReport, decisions: readonly Decisions[] | null): void {
  const isCompared = report.models.length > 1;
  printTable(
    [
      'model',
      'speakers',
      'files',
      'pairs of one',
      'pairs of two',
      'equal error %',
      '95 %',
      'at score',
      'CPU s',
      ...(isCompared ? ['to the first'] : []),
    ],
    report.models.map((row) => [
      row.model,
      String(report.speakers),
      String(report.files),
      String(report.targets),
      String(report.impostors),
      percent(row.eer),
      range(row.interval),
      row.threshold.toFixed(2),
      row.cpuS.toFixed(1),
      ...(isCompared ? [toTheFirst(row.difference)] : []),
    ]),
  );
  if (decisions === null) return;
  console.log();
  printTable(
    ['speech heard', 'own', 'not found same %', 'called other %', "another's", 'called same %'],
    decisions.map((row) => [
      `${row.testS} s`,
      String(row.targets),
      percent(row.notSame),
      percent(row.falseReject),
      String(row.impostors),
      percent(row.falseAccept),
    ]),
  );
}
