import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { telephoneKeys } from '#lib/key-codes.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { startMediaServer } from './server.ts';
import { eventPayload } from './testing/packets.ts';
import { localhost, Phone, until } from './testing/phone.ts';

test('keys on the wire that make a code are told of, on a bridged call and on a copy, paused or not; nothing else of them is', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sidetone-pause-'));
  const config = configSchema.parse({
    dataDir,
    rtp: { ports: '43400-43499', quarantineS: 0 },
    asr: { processes: 0 },
    pause: { dtmf: { pause: '*71', resume: '*72' } },
  });
  const media = await startMediaServer({
    config,
    logger: silentLogger,
    metrics: createMetrics(),
    bindAddress: localhost,
  });
  const told: string[] = [];
  media.onPauseCode(({ callId, paused }) => told.push(`${callId} ${paused ? 'pause' : 'resume'}`));
  const phone = await Phone.create(1);
  const press = (port: number, keys: string): void => {
    for (const key of keys) {
      const event = telephoneKeys.indexOf(key);
      for (const [samples, ended] of [
        [160, false],
        [320, true],
        [320, true],
        [320, true],
      ] as const) {
        phone.send(port, eventPayload(event, samples, ended), { type: 101, advance: 0 });
      }
      phone.send(port, Buffer.alloc(160, 0xff));
      phone.send(port, Buffer.alloc(160, 0xff));
    }
  };

  const call = await media.open({ callId: 'bridged', record: 'all' });
  call.update('caller', phone.settings({ receivedTelephoneEvent: 101 }));
  press(call.ports.caller.rtpPort, '5*71');
  await until(() => told.length === 1, 'the pause code');
  call.pause(true);
  press(call.ports.caller.rtpPort, '*72');
  await until(() => told.length === 2, 'the resume code');

  const fork = await media.openFork({ callId: 'copy', record: 'all' });
  const stream = await fork.addRtp('callee');
  stream.update({
    remote: null,
    acceptedAddresses: [localhost],
    rtcpMux: false,
    formats: [
      { payloadType: 0, carries: 'pcmu', clockRateHz: 8000 },
      { payloadType: 101, carries: 'telephone-event', clockRateHz: 8000 },
    ],
    expected: true,
    holding: false,
  });
  press(stream.ports.rtpPort, '*71');
  await until(() => told.length === 3, "the copy's code");
  expect(told).toEqual(['bridged pause', 'bridged resume', 'copy pause']);
  phone.close();
  await call.close();
  await fork.close();
  await media.close();
  await rm(dataDir, { recursive: true, force: true });
});
