import { resolve } from 'node:path';
import { Command } from 'commander';
import { configOf } from '../config.ts';
import { printJson, printTable } from '../output.ts';

export function evalRedactionCommand(): Command {
  return new Command('redaction')
    .description(
      'masks and delay on written talk: a folder with dialogues.jsonl (a line {id, role, text} a turn), or of such folders',
    )
    .argument('<dir>')
    .option('--json', 'print JSON')
    .action(async (dir: string, { json }: { readonly json?: true }, command: Command) => {
      const { readDialogues } = await import('../../analytics/eval/dialogues.ts');
      const { evaluateRedaction } = await import('../../analytics/eval/redaction.ts');
      const corpora = evaluateRedaction(readDialogues(resolve(dir)), configOf(command).redaction.holdS * 1000);
      if (json === true) {
        printJson({ corpora });
        return;
      }
      printTable(
        [
          'corpus',
          'part',
          'dialogues',
          'words',
          'masks',
          'masked words per 1,000',
          'at once %',
          'delay mean',
          'p95, s',
        ],
        corpora.map((each) => [
          each.corpus,
          each.part,
          String(each.dialogues),
          String(each.words),
          String(each.masks),
          each.maskedPer1000Words.toFixed(2),
          (each.atOnceShare * 100).toFixed(1),
          (each.delayMeanMs / 1000).toFixed(2),
          (each.delayP95Ms / 1000).toFixed(1),
        ]),
      );
    });
}
