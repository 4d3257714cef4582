import { resolve } from 'node:path';
import { Command } from 'commander';
import { withEngine } from '../evaluated-engine.ts';
import { printJson, printTable } from '../output.ts';

interface TimesOptions {
  readonly engine: string;
  readonly json?: true;
}

export function evalTimesCommand(): Command {
  return new Command('times')
    .description('errors of word starts and ends in ms: a folder with Ogg Opus files and alignment.txt')
    .argument('<dir>')
    .option('--engine <name>', 'an engine other than the configured one', 'configured')
    .option('--json', 'print JSON')
    .action(async (dir: string, { engine: engineName, json }: TimesOptions, command: Command) => {
      const { evaluateTimes } = await import('../../asr/eval/word-times.ts');
      const { words, startMs, endMs } = await withEngine(command, engineName, (engine) =>
        evaluateTimes(resolve(dir), engine),
      );
      if (json === true) {
        printJson({ words, startMs, endMs });
        return;
      }
      printTable(
        [`${words} words`, 'mean', 'median', 'p90', 'bias'],
        (
          [
            ['starts, ms', startMs],
            ['ends, ms', endMs],
          ] as const
        ).map(([name, errors]) => [
          name,
          ...[errors.mean, errors.median, errors.p90, errors.bias].map((ms) => ms.toFixed(0)),
        ]),
      );
    });
}
