import { afterAll, beforeAll, expect, test } from 'vitest';
import { MediaBench } from '../../testing/media-bench.ts';
import { until } from '../../testing/phone.ts';
import { StreamBench, type StreamedTestCall } from '../../testing/stream-bench.ts';
import { TwilioSender } from '../../testing/stream-senders.ts';

let media: MediaBench;
let bench: StreamBench;
beforeAll(async () => {
  media = await MediaBench.start({ ports: '43600-43619', asrProcesses: 0 });
  bench = await StreamBench.start(media);
});
afterAll(async () => {
  await bench.close();
  await media.close();
});

async function begun(): Promise<StreamedTestCall> {
  await until(() => bench.calls.length > 0, 'the call begins');
  return bench.call;
}

test('half a sample before seconds of sound at once is half a sample: the media worker and its other calls live', async () => {
  const sender = new TwilioSender(bench.url('?format=twilio'));
  await sender.begin({ mediaFormat: { encoding: 'audio/l16', sampleRate: 192_000 } });
  const piece = (timestampMs: number, bytes: number): void =>
    sender.message('media', {
      media: { track: 'inbound', timestamp: timestampMs, payload: Buffer.alloc(bytes).toString('base64') },
    });
  piece(0, 2000);
  // What comes before the stream stands is written in one go with what follows.
  await media.event((await begun()).callId, 'media-started');
  piece(20, 1);
  // By its timestamp nearly five seconds are missing before it: silence of 1.9 MB.
  piece(4990, 2);
  sender.stop();
  await until(() => bench.calls[0]?.ended !== undefined, 'the call ends');
  // A worker that is lost has nothing to tell of its streams.
  expect((await media.event(bench.call.callId, 'media-ended')).streams.caller?.packets).toBeGreaterThan(2);
});
