import { MediaBench } from './media-bench.ts';
import { tone } from '#lib/testing/tones.ts';

/**
 * A process that records a call for ever, to be killed: `node recording-process.ts DATA_DIR PORTS`. The first second is
 * released, with 100 ms of it to be silent; what follows leaves the memory unredacted. Prints a line when some of that
 * is there to be written.
 */
const [, , dataDir = '', ports = ''] = process.argv;
const bench = await MediaBench.start({ ports, dataDir, asrProcesses: 0, memoryS: 1 });
const { call, caller } = await bench.call({ record: 'all' });
bench.media.release(call.callId, 8000, [{ startSample: 1600, endSample: 2400 }], []);
for (let second = 0; ; second++) {
  await caller.play(call.ports.caller.rtpPort, tone(440, 8000));
  if (second === 4) process.stdout.write('recording\n');
}
