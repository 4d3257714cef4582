import { resolve } from 'node:path';
import { Command } from 'commander';
import type { LiveReport } from '../../asr/eval/live/watcher.ts';
import { withEngine } from '../evaluated-engine.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, printTable } from '../output.ts';

interface PartialsOptions {
  readonly calls: number;
  readonly seconds: number;
  readonly seed: number;
  readonly engine: string;
  readonly json?: true;
}

export function evalPartialsCommand(): Command {
  return new Command('partials')
    .description(
      'what a person watching would see: two-party calls of a folder of corpora, one recogniser process on a clock of CPU time',
    )
    .argument('<dir>')
    .option('--calls <n>', 'at once', wholeNumber(1), 4)
    .option('--seconds <n>', 'of each call', wholeNumber(20), 120)
    .option('--seed <n>', 'draws readings and pauses', wholeNumber(0), 1)
    .option('--engine <name>', 'an engine other than the configured one', 'configured')
    .option('--json', 'print JSON')
    .action(async (dir: string, { json, engine: name, ...options }: PartialsOptions, command: Command) => {
      const { evaluatePartials } = await import('../../asr/eval/live/partials.ts');
      const report = await withEngine(command, name, (engine) => evaluatePartials(resolve(dir), engine, options));
      if (json === true) printJson(report);
      else print(report);
    });
}

function print(report: LiveReport & { readonly cpuS: number }): void {
  const ms = (value: number | null): string => (value === null ? '' : `${value} ms`);
  const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
    `${low.toFixed(1)}..${high.toFixed(1)}`;
  printTable(
    ['', '', '95 %'],
    [
      ['words ever shown', String(report.wordsShown), ''],
      ['changed later', `${report.changedPercent} %`, range(report.changedInterval)],
      ['end of a word to its being shown, median', ms(report.wordToShownMedianMs), ''],
      ['the same, p90', ms(report.wordToShownP90Ms), ''],
      ['words of turns over 3 s shown before the final', `${report.shownBeforeFinalPercent} %`, ''],
      ['last word to the final text, p50', ms(report.finalDelayP50Ms), ''],
      ['the same, p95', ms(report.finalDelayP95Ms), ''],
      [`word error, ${report.wordsSaid} words`, `${report.werPercent} %`, range(report.werInterval)],
      ['CPU seconds', report.cpuS.toFixed(1), ''],
    ],
  );
}
