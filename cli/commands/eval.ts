import { resolve } from 'node:path';
import { Command } from 'commander';
import type { RecogniserEngine } from '../../asr/engines/types.ts';
import { createLogger } from '#lib/log.ts';
import { configOf } from '../config.ts';
import { wholeNumber } from '../numbers.ts';
import { clearProgress, printJson, printTable, showProgress } from '../output.ts';
import { evalRedactionCommand } from './eval-redaction.ts';

interface WerOptions {
  readonly limit?: number;
  readonly split?: string;
  readonly json?: true;
}

export function evalCommand(): Command {
  const evaluate = new Command('eval').description('measure on speech of your own; needs no server');
  evaluate
    .command('wer')
    .description('word error rate: a folder with manifest.jsonl (a line {path, text} an utterance), or of such folders')
    .argument('<dir>')
    .option('--limit <n>', 'utterances of each corpus at most, spread evenly over it', wholeNumber(1))
    .option('--split <name>', 'only rows of this split')
    .option('--json', 'print JSON')
    .action(async (dir: string, { limit, split, json }: WerOptions, command: Command) => {
      const { evaluateWer } = await import('../../asr/eval/wer.ts');
      const { corpora } = await withEngine(command, (engine) =>
        evaluateWer(resolve(dir), engine, {
          ...(limit === undefined ? {} : { limit }),
          ...(split === undefined ? {} : { split }),
          onProgress: ({ corpus, done, total }) => showProgress(`${corpus}: ${done} of ${total}`),
        }),
      );
      if (json === true) {
        printJson({ corpora });
        return;
      }
      printTable(
        ['corpus', 'utterances', 'words', 'substituted', 'deleted', 'inserted', 'WER %'],
        corpora.map((each) => [
          each.corpus,
          String(each.utterances),
          String(each.words),
          String(each.substitutions),
          String(each.deletions),
          String(each.insertions),
          each.wer.toFixed(1),
        ]),
      );
    });
  evaluate
    .command('times')
    .description('errors of word starts and ends in ms: a folder with Ogg Opus files and alignment.txt')
    .argument('<dir>')
    .option('--json', 'print JSON')
    .action(async (dir: string, { json }: { readonly json?: true }, command: Command) => {
      const { evaluateTimes } = await import('../../asr/eval/word-times.ts');
      const { words, startMs, endMs } = await withEngine(command, (engine) => evaluateTimes(resolve(dir), engine));
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
  evaluate.addCommand(evalRedactionCommand());
  return evaluate;
}

async function withEngine<Result>(
  command: Command,
  measure: (engine: RecogniserEngine) => Promise<Result>,
): Promise<Result> {
  const config = configOf(command);
  const { loadMoonshine } = await import('../../asr/engines/moonshine/moonshine.ts');
  const engine = await loadMoonshine({ cacheDir: `${config.dataDir}/cache`, logger: createLogger('warn') });
  try {
    return await measure(engine);
  } finally {
    clearProgress();
    await engine.close();
  }
}
