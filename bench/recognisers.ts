import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differenceInterval, rate, rateInterval, type Interval, type Tally } from '../asr/eval/bootstrap.ts';
import { alignWords } from '../asr/text/align.ts';
import { normaliseWords } from '../asr/text/normalise.ts';
import type { RecogniserRun } from './asr/one-recogniser.ts';

/**
 * Channels that one core carries, by recogniser: finals only, one thread each, the same utterances, in one run and in
 * turns. Ours with everything it gives (word times, confidence), plain decoding of the same weights in JavaScript,
 * sherpa-onnx-node on the same files, Debian's pocketsphinx. A channel here speaks all the time.
 */
const { values: options } = parseArgs({
  options: {
    speech: { type: 'string', default: '../shared/speech/librispeech_resemblyzer' },
    limit: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    engines: { type: 'string', default: 'ours,plain,sherpa,pocketsphinx' },
  },
});
const names = options.engines.split(',');
const cacheDir = mkdtempSync(join(tmpdir(), 'recognisers-'));
const runs = new Map<string, RecogniserRun[]>(names.map((name) => [name, []]));
for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const name of names) runs.get(name)?.push(await runOnce(name));
}
rmSync(cacheDir, { recursive: true, force: true });

const [reference = ''] = names;
const talliesOf = (name: string): Tally[] => (runs.get(name)?.[0]?.heard ?? []).map(tally);
console.log(
  JSON.stringify(
    {
      cpu: cpus()[0]?.model,
      utterances: runs.get(reference)?.[0]?.heard.length,
      audioS: Math.round(runs.get(reference)?.[0]?.audioS ?? 0),
      recognisers: names.map((name) => {
        const of = runs.get(name) ?? [];
        const perSecond = of.map(({ audioS, cpuS }) => audioS / cpuS).toSorted((a, b) => a - b);
        const tallies = talliesOf(name);
        return {
          name,
          channelsPerCore: perSecond.map((each) => Math.round(each * 10) / 10),
          memoryMb: Math.max(...of.map(({ memoryMb }) => memoryMb)),
          wer: rounded(rate(tallies)),
          werInterval: roundedInterval(rateInterval(tallies)),
          toFirst: roundedInterval(differenceInterval(talliesOf(reference), tallies)),
        };
      }),
    },
    null,
    2,
  ),
);

async function runOnce(name: string): Promise<RecogniserRun> {
  const child = fork(join(import.meta.dirname, 'asr/one-recogniser.ts'), [
    name,
    options.speech,
    options.limit,
    cacheDir,
  ]);
  const told = once(child, 'message') as Promise<[RecogniserRun]>;
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of ${name} ended with ${String(code)} before it had a result`);
  });
  const [run] = await Promise.race([told, ended]);
  ended.catch(() => undefined);
  return run;
}

function tally({ said, text }: RecogniserRun['heard'][number]): Tally {
  const { pairs, substitutions, deletions, insertions } = alignWords(normaliseWords(said), normaliseWords(text));
  return { errors: substitutions + deletions + insertions, of: pairs.length - insertions };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function roundedInterval({ low, high }: Interval): Interval {
  return { low: rounded(low), high: rounded(high) };
}
