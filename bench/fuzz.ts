import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { fuzzTargets } from '../sip/testing/fuzz/targets.ts';
import { WireFuzz } from '../sip/testing/wire-fuzz.ts';

/**
 * Every reader of sip/ against broken input, for as long as wanted:
 *
 *     node bench/fuzz.ts [--runs 1000000] [--seed N] [--wire 0.1]
 *
 * `--wire`: the share that goes over UDP and TCP against a whole server. Ends with 1 at the first input that makes a reader
 * throw, a promise of theirs fail, the server log a mistake or stop answering. Prints the slowest single input of each
 * reader (time of the processor, collection of garbage included), and the heap after collection before and after.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    wire: { type: 'string', default: '0.1' },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const wireRuns = Math.round(runs * Number(values.wire));
const runsEach = Math.ceil((runs - wireRuns) / fuzzTargets.length);
const perChunk = 5000;
const perBatch = 200;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapMiB(): number {
  collect();
  return Math.round((process.memoryUsage().heapUsed / 2 ** 20) * 10) / 10;
}

function readers(): void {
  for (const { name, inputs, check } of fuzzTargets) {
    let done = 0;
    let slowestMs = 0;
    let after = 0;
    const beganMs = performance.now();
    while (done < runsEach) {
      const numRuns = Math.min(perChunk, runsEach - done);
      fc.assert(
        fc.property(inputs, (text) => {
          const before = process.cpuUsage();
          check(text);
          const { user, system } = process.cpuUsage(before);
          slowestMs = Math.max(slowestMs, (user + system) / 1000);
        }),
        { numRuns, seed: seed + done },
      );
      // The first chunk fills caches and compiles.
      if (done === 0) after = heapMiB();
      done += numRuns;
    }
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
    console.log(
      `${name.padEnd(16)} ${done} inputs in ${seconds} s, slowest ${slowestMs.toFixed(1)} ms of processor, heap ${after} -> ${heapMiB()} MiB`,
    );
  }
}

async function wire(): Promise<void> {
  const server = await WireFuzz.start();
  let done = 0;
  let slowestMs = 0;
  let after = 0;
  const beganMs = performance.now();
  while (done < wireRuns) {
    const startMs = performance.now();
    await server.batch(fc.sample(server.inputs, { numRuns: perBatch, seed: seed + done }));
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    if (server.mistakes.length > 0) throw new Error('the server logged a mistake', { cause: server.mistakes[0] });
    done += perBatch;
    if (after === 0 && done >= wireRuns / 10) after = heapMiB();
  }
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
  console.log(
    `over the wire    ${done} messages in ${seconds} s, slowest ${perBatch} with their answer ${slowestMs.toFixed(0)} ms, heap ${after} (a tenth done) -> ${heapMiB()} MiB`,
  );
  await server.close();
}

process.on('unhandledRejection', (thrown) => {
  throw thrown;
});
console.log(`seed ${seed}`);
readers();
if (wireRuns > 0) await wire();
