import { resolve } from 'node:path';
import { Command } from 'commander';
import { printJson, printTable } from '../output.ts';

export function evalItnCommand(): Command {
  return new Command('itn')
    .description(
      'written forms of numbers, dates and the like: a folder of CLASS.txt with a line spoken~written a case',
    )
    .argument('<dir>')
    .option('--json', 'print JSON, the cases that are wrong with it')
    .action(async (dir: string, { json }: { readonly json?: true }) => {
      const { evaluateWritten } = await import('../../asr/eval/itn.ts');
      const classes = evaluateWritten(resolve(dir));
      const sum = (of: (each: (typeof classes)[number]) => number): number =>
        classes.reduce((total, each) => total + of(each), 0);
      const all = { name: 'all', cases: sum(({ cases }) => cases), right: sum(({ right }) => right) };
      if (json === true) {
        printJson({ classes, all });
        return;
      }
      printTable(
        ['class', 'cases', 'right', '%'],
        [...classes, all].map(({ name, cases, right }) => [
          name,
          String(cases),
          String(right),
          cases === 0 ? '' : ((100 * right) / cases).toFixed(1),
        ]),
      );
    });
}
