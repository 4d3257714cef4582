import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { impair, impairmentKinds, playImpaired } from '../media/testing/impairments.ts';
import { MediaBench } from '../media/testing/media-bench.ts';

/**
 * What loss, reordering, duplication and jitter (media/testing/impairments.ts) do to a G.711 stream at 20 ms a packet: lost
 * and late packets, samples that had to be filled, the mean opinion score. The packets go through the server's media stage
 * at the times at which the network would deliver them, so that the figures are the same on every machine.
 *
 *     node bench/impairments.ts [--minutes 5] [--ports 30000-30019] [--seed 1]
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    ports: { type: 'string', default: '30000-30019' },
    seed: { type: 'string', default: '1' },
  },
});
const packets = Number(values.minutes) * 60 * 50;
const bench = await MediaBench.start({ ports: values.ports, asrProcesses: 0 });
try {
  const rows = [];
  for (const kind of impairmentKinds) {
    for (const percent of kind === 'loss' ? [0, 1, 5, 10] : [1, 5, 10]) {
      const stream = impair(kind, percent / 100, packets, Number(values.seed));
      const { report, samples } = await playImpaired(bench, `bench-${randomUUID()}`, stream);
      const share = (part: number, whole: number): number => Number(((100 * part) / whole).toFixed(2));
      rows.push({
        kind,
        percent,
        lostPercent: share(report.lostPackets, packets),
        latePercent: share(report.latePackets, packets),
        duplicatePercent: share(report.duplicatePackets, packets),
        jitterMeanMs: Number(report.jitterMeanMs.toFixed(1)),
        filledPercent: share(report.filledSamples, samples),
        mos: report.mos,
      });
    }
  }
  console.log(JSON.stringify({ packets, rows }, null, 2));
} finally {
  await bench.close();
}
