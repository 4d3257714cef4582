import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeG711 } from '#lib/audio/g711.ts';
import { readWav } from '#lib/audio/wav.ts';
import { createLogger } from '#lib/log.ts';
import { tone, toneShare } from '#lib/testing/tones.ts';
import { MediaBench, type BenchCall } from './testing/media-bench.ts';
import { pause, until } from './testing/phone.ts';

const second = 8000;
const silence = new Int16Array(160);

/** Faults of ours, as they would be: what no signalling should bring about, and what only shows with a packet. */
const faults: readonly (readonly [string, (of: BenchCall) => void])[] = [
  ['a command', ({ call, caller }) => call.update('caller', { ...caller.settings(), acceptedAddresses: 5 as never })],
  [
    'a packet',
    ({ call, caller, callee }) => {
      const settings = callee.settings();
      call.update('callee', { ...settings, remote: { address: '127.0.0.1', rtpPort: 70_000, rtcpPort: 70_001 } });
      caller.send(call.ports.caller.rtpPort, encodeG711('pcmu', silence));
    },
  ],
];

let bench: MediaBench;
const lines: Record<string, unknown>[] = [];
beforeAll(async () => {
  const logger = createLogger('info', 'test', {
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  bench = await MediaBench.start({ ports: '43760-43779', asrProcesses: 0, logger });
});
afterAll(() => bench.close());

test.each(faults)(
  'what goes wrong with %s of one call ends that call, recorded so far, and no other',
  async (_, fault) => {
    const [faulty, other] = [await bench.call(), await bench.call()];
    const { callId } = faulty.call;
    bench.media.release(callId, Infinity, [], []);
    await faulty.caller.play(faulty.call.ports.caller.rtpPort, tone(440, second / 2));
    const troublesBefore = bench.troubles.length;
    const linesBefore = lines.length;
    fault(faulty);
    await until(() => bench.troubles.length > troublesBefore, 'trouble');
    expect(bench.troubles.slice(troublesBefore)).toEqual([{ callId, kind: 'failed' }]);
    expect(lines.slice(linesBefore)).toMatchObject([
      { callId, msg: 'a call failed in media: it ends, the others go on' },
    ]);

    const { streams, endSample } = await bench.event(callId, 'media-ended');
    expect(streams.caller?.packets).toBeGreaterThanOrEqual(25);
    expect(endSample).toBeGreaterThanOrEqual(second / 2);
    await faulty.call.close();
    bench.media.finish(callId);
    const { recording } = await bench.event(callId, 'recording-finished');
    const [left = silence] = (await readWav(join(bench.dataDir, recording.path ?? ''))).channels;
    expect(toneShare(left.subarray(400, 3600), 440)).toBeGreaterThan(0.95);

    await other.caller.play(other.call.ports.caller.rtpPort, tone(440, 1600));
    await until(() => other.callee.received.length === 10, 'the other call goes on');
    await other.call.close();
    expect((await bench.event(other.call.callId, 'media-ended')).streams.caller?.packets).toBe(10);
  },
);

test('failed calls are counted, and their ports come back', async () => {
  await pause(1100);
  const rendered = await bench.metrics.render();
  expect(rendered).toContain(`sidetone_media_calls_failed_total ${faults.length}`);
  expect(rendered).toContain('sidetone_media_ports_lent 0');
});
