import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Interval } from '../../asr/eval/bootstrap.ts';
import type { CorpusErrors } from '../../asr/eval/wer.ts';
import { withEngine } from '../evaluated-engine.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, printTable, showProgress } from '../output.ts';

interface WerCommandOptions {
  readonly limit?: number;
  readonly split?: string;
  readonly engine: readonly string[];
  readonly alignments?: string;
  readonly json?: true;
}

/** One engine's errors on one corpus, as printed. */
type Row = Omit<CorpusErrors, 'tallies'> & { readonly engine: string; readonly difference: Difference | null };

/** To the engine named first, on the same utterances, in points of word error; below 0: better. */
interface Difference extends Interval {
  readonly points: number;
}

export function evalWerCommand(): Command {
  return new Command('wer')
    .description('word error rate: a folder with manifest.jsonl (a line {path, text} an utterance), or of such folders')
    .argument('<dir>')
    .option('--limit <n>', 'utterances of each corpus at most, spread evenly over it', wholeNumber(1))
    .option('--split <name>', 'only rows of this split')
    .option('--engine <name...>', 'engines to compare; the configured one unless given', ['configured'])
    .option('--alignments <file>', 'write what was said and heard of each utterance, a JSON line each')
    .option('--json', 'print JSON')
    .action(async (dir: string, options: WerCommandOptions, command: Command) => {
      const rows = await measure(resolve(dir), options, command);
      if (options.json === true) printJson({ corpora: rows });
      else print(rows, options.engine.length > 1);
    });
}

async function measure(dir: string, options: WerCommandOptions, command: Command): Promise<Row[]> {
  const { evaluateWer } = await import('../../asr/eval/wer.ts');
  const { differenceInterval, rate } = await import('../../asr/eval/bootstrap.ts');
  const { limit, split, alignments } = options;
  const file = alignments === undefined ? undefined : createWriteStream(alignments);
  const rows: Row[] = [];
  const firsts = new Map<string, CorpusErrors>();
  for (const name of options.engine) {
    const { corpora } = await withEngine(command, name, (engine) =>
      evaluateWer(dir, engine, {
        ...(limit === undefined ? {} : { limit }),
        ...(split === undefined ? {} : { split }),
        onProgress: ({ corpus, done, total }) => showProgress(`${name}, ${corpus}: ${done} of ${total}`),
        onUtterance: ({ corpus, utterance, result, alignment }) =>
          file?.write(
            `${JSON.stringify({ engine: name, corpus, ...utterance, heard: result.text, pairs: alignment.pairs })}\n`,
          ),
      }),
    );
    for (const { tallies, ...corpus } of corpora) {
      const first = firsts.get(corpus.corpus);
      if (first === undefined) firsts.set(corpus.corpus, { ...corpus, tallies });
      const difference =
        first === undefined
          ? null
          : { points: rate(tallies) - rate(first.tallies), ...differenceInterval(first.tallies, tallies) };
      rows.push({ engine: name, ...corpus, difference });
    }
  }
  if (file !== undefined) await new Promise((done) => file.end(done));
  return rows;
}

function print(rows: readonly Row[], compared: boolean): void {
  const points = (value: number): string => (value > 0 ? `+${value.toFixed(1)}` : value.toFixed(1));
  printTable(
    [
      ...(compared ? ['engine'] : []),
      'corpus',
      'utterances',
      'words',
      'substituted',
      'deleted',
      'inserted',
      'WER %',
      '95 %',
      'digits %',
      'empty',
      'CPU of real time',
      ...(compared ? ['to the first'] : []),
    ],
    rows.map((row) => [
      ...(compared ? [row.engine] : []),
      row.corpus,
      String(row.utterances),
      String(row.words),
      String(row.substitutions),
      String(row.deletions),
      String(row.insertions),
      row.wer.toFixed(1),
      `${row.interval.low.toFixed(1)}..${row.interval.high.toFixed(1)}`,
      row.digits === null ? '' : `${row.digits.rate.toFixed(1)} of ${row.digits.said}`,
      String(row.empty),
      (row.cpuS / Math.max(row.audioS, 0.001)).toFixed(4),
      ...(compared
        ? [
            row.difference === null
              ? ''
              : `${points(row.difference.points)} (${points(row.difference.low)}..${points(row.difference.high)})`,
          ]
        : []),
    ]),
  );
}
