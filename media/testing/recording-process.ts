import { MediaBench } from './media-bench.ts';
import { tone } from './tones.ts';

/**
 * A process that records a call for ever, to be killed: `node recording-process.ts DATA_DIR PORTS`. Prints a line when
 * two seconds are released.
 */
const [, , dataDir = '', ports = ''] = process.argv;
const bench = await MediaBench.start({ ports, dataDir, asrProcesses: 0 });
const { call, caller } = await bench.call();
bench.media.release(call.callId, Infinity, []);
for (let second = 0; ; second++) {
  await caller.play(call.ports.caller.rtpPort, tone(440, 8000));
  if (second === 2) process.stdout.write('recording\n');
}
