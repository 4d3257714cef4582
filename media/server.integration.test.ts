import { createSocket } from 'node:dgram';
import { readFile, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { packets } from 'rtp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWav } from '#lib/audio/wav.ts';
import { encodeG711 } from '#lib/audio/g711.ts';
import { MediaBench } from './testing/media-bench.ts';
import { eventPayload } from './testing/packets.ts';
import { Phone, localhost, pause, until } from './testing/phone.ts';
import { greatestToneShare, keyTone, longestSilence, tone, toneShare } from '#lib/testing/tones.ts';

const second = 8000;
const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
const silence = new Int16Array(160);

let bench: MediaBench;
beforeAll(async () => {
  bench = await MediaBench.start({ ports: '43000-43199', asrProcesses: 0 });
});
afterAll(() => bench.close());

test('each phone hears the other and nobody else, the recording has each in its channel', async () => {
  const { call, caller, callee } = await bench.call();
  const { callId } = call;
  await Promise.all([
    caller.play(call.ports.caller.rtpPort, tone(440, 2 * second)),
    callee.play(call.ports.callee.rtpPort, tone(620, 2 * second)),
  ]);
  await call.close();
  bench.media.finish(callId);
  const { recording } = await bench.event(callId, 'recording-finished');
  const { streams, endSample } = await bench.event(callId, 'media-ended');

  expect(toneShare(callee.heard(), 440)).toBeGreaterThan(0.95);
  expect(toneShare(caller.heard(), 620)).toBeGreaterThan(0.95);
  expect(callee.received).toHaveLength(100);
  expect(new Set(callee.received.map((packet) => packet.ssrc))).toEqual(new Set([caller.ssrc]));

  const [left = silence, right = silence] = (await readWav(join(bench.dataDir, recording.path ?? ''))).channels;
  expect(recording).toMatchObject({ samples: endSample, silenced: [], unredacted: [], failure: null });
  expect([left.length, right.length]).toEqual([endSample, endSample]);
  expect(toneShare(left.subarray(0, 12_000), 440)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(0, 12_000), 620)).toBeGreaterThan(0.9);
  expect(toneShare(left, 620)).toBeLessThan(0.01);
  expect(JSON.parse(await readFile(join(bench.dataDir, recording.peaksPath ?? ''), 'utf8'))).toMatchObject({
    samples: endSample,
  });
  expect(streams.caller).toMatchObject({ packets: 100, lostPackets: 0, strangerPackets: 0, malformedPackets: 0 });
  expect(bench.events.filter((event) => event.callId === callId).map(({ type }) => type)).toEqual([
    'media-started',
    'media-ended',
    'recording-finished',
  ]);

  const late = await bench.media.redactLate(callId, [{ startSample: 4000, endSample: 8000 }]);
  expect(late.silenced).toEqual([{ startSample: 4000, endSample: 8000 }]);
  await bench.media.remove(callId);
  await expect(stat(join(bench.dataDir, recording.path ?? ''))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('legs of different laws and numbers are translated; what a leg lacks, it does not get', async () => {
  const { call, caller, callee } = await bench.call({
    caller: { telephoneEvent: 96, receivedTelephoneEvent: 97 },
    callee: { sendLaw: 'pcma', telephoneEvent: 101, comfortNoise: null },
  });
  const pcm = tone(440, second);
  await caller.play(call.ports.caller.rtpPort, pcm);
  // By our number, and by its own as devices do that do not keep to RFC 3264 section 6.1.
  caller.send(call.ports.caller.rtpPort, eventPayload(3, 160), { type: 97, advance: 0 });
  caller.send(call.ports.caller.rtpPort, eventPayload(3, 160), { type: 96, advance: 0 });
  caller.send(call.ports.caller.rtpPort, Uint8Array.of(70), { type: 13, advance: 160 });
  callee.send(call.ports.callee.rtpPort, encodeG711('pcma', pcm.subarray(0, 160)), { type: 8 });
  await until(() => caller.received.length > 0 && callee.received.length >= 52, 'both heard');
  await call.close();
  expect(new Set(callee.received.map(({ type }) => type))).toEqual(new Set([8, 101]));
  expect(toneShare(callee.heard(), 440)).toBeGreaterThan(0.95);
  expect(caller.received.map(({ type, payload }) => [type, payload.length])).toEqual([[0, 160]]);
  expect(callee.received.slice(-2).map(({ payload }) => payload)).toEqual([eventPayload(3, 160), eventPayload(3, 160)]);
});

test('60 ms packets are cut for a leg with a maxptime of 20, and left alone for the other', async () => {
  const { call, caller, callee } = await bench.call({ callee: { maxptimeMs: 20 } });
  const pcm = tone(440, 4800);
  for (let at = 0; at < pcm.length; at += 480) {
    caller.send(call.ports.caller.rtpPort, encodeG711('pcmu', pcm.subarray(at, at + 480)));
    callee.send(call.ports.callee.rtpPort, encodeG711('pcmu', pcm.subarray(at, at + 480)));
    await pause(10);
  }
  await until(() => callee.received.length === 30 && caller.received.length === 10, 'all of it');
  await call.close();
  expect(new Set(callee.received.map(({ payload }) => payload.length))).toEqual(new Set([160]));
  const first = callee.received[0]?.sequence ?? 0;
  expect(callee.received.map(({ sequence }) => (sequence - first) & 0xffff)).toEqual(
    Array.from({ length: 30 }, (_, n) => n),
  );
  expect(new Set(caller.received.map(({ payload }) => payload.length))).toEqual(new Set([480]));
});

test('strangers and nonsense are counted, neither relayed nor decoded, and hurt nobody', async () => {
  const { call, caller, callee } = await bench.call();
  const { rtpPort, rtcpPort } = call.ports.caller;
  caller.send(rtpPort, encodeG711('pcmu', silence));
  await until(() => callee.received.length === 1, 'the first packet');
  const stranger = await Phone.create(0x666, '127.0.0.2');
  for (let n = 0; n < 20; n++) stranger.send(rtpPort, encodeG711('pcmu', silence));
  let seed = 7;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 0x8000_0000) / 0x8000_0000;
  for (let n = 0; n < 200; n++) {
    const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
    if (bytes.length > 0) bytes[0] = (bytes[0] as number) & 0x7f;
    caller.sendRaw(n % 2 === 0 ? rtpPort : rtcpPort, bytes);
  }
  caller.send(rtpPort, Buffer.alloc(160), { type: 34 });
  await pause(200);
  caller.send(rtpPort, encodeG711('pcmu', silence));
  await until(() => callee.received.length === 2, 'a good packet after the bad ones');
  stranger.close();
  await call.close();
  const { streams } = await bench.event(call.callId, 'media-ended');
  expect(streams.caller).toMatchObject({ packets: 2, strangerPackets: 20, malformedPackets: 201 });
});

test('RTP from an unexpected port of an accepted address has audio both ways', async () => {
  const { call, callee } = await bench.call();
  const { rtpPort } = call.ports.caller;
  const elsewhere = await Phone.create(0x3333);
  elsewhere.send(rtpPort, encodeG711('pcmu', silence));
  await until(() => callee.received.length === 1, 'the other way');
  callee.send(call.ports.callee.rtpPort, encodeG711('pcmu', silence));
  await until(() => elsewhere.received.length === 1, 'the answer where it came from');
  expect(elsewhere.received[0]?.ssrc).toBe(callee.ssrc);
  elsewhere.close();
  await call.close();
});

test('RTCP is relayed, on its own port and on a shared one, and read', async () => {
  const { call, caller, callee } = await bench.call({ callee: { rtcpMux: true } });
  const report = new packets.SenderReportPacket();
  report.setSsrc(caller.ssrc);
  report.setNtpSeconds(0x0001_0203);
  report.setNtpFraction(0x0405_0607);
  caller.rtcp.send(bytesOf(report), call.ports.caller.rtcpPort, localhost);
  const muxed: Buffer[] = [];
  callee.rtp.on('message', (bytes) => muxed.push(bytes));
  await until(() => muxed.length === 1, 'the sender report, muxed');
  expect(muxed[0]?.equals(bytesOf(report))).toBe(true);

  const reception = new packets.ReceptionReport();
  reception.setSsrc(caller.ssrc);
  reception.setFractionLost(64);
  reception.setLastSRTimestamp(0x0203_0405);
  const answer = new packets.ReceiverReportPacket();
  answer.setSsrc(callee.ssrc);
  answer.setReports([reception]);
  callee.sendRaw(call.ports.callee.rtpPort, bytesOf(answer));
  await until(() => caller.receivedRtcp.length === 1, 'the receiver report');
  await call.close();
  const { streams } = await bench.event(call.callId, 'media-ended');
  expect(streams.callee?.farLossFraction).toBe(0.25);
  expect(streams.callee?.roundTripMs).toBeGreaterThanOrEqual(0);
  expect(streams.caller?.farLossFraction).toBeNull();
});

test('hold: marked, music passes to the held side, and directions are obeyed', async () => {
  const { call, caller, callee } = await bench.call();
  const { ports } = call;
  caller.send(ports.caller.rtpPort, encodeG711('pcmu', silence));
  callee.send(ports.callee.rtpPort, encodeG711('pcmu', silence));
  await until(() => caller.received.length === 1 && callee.received.length === 1, 'talk both ways');
  call.update('callee', callee.settings({ holding: true, listens: false }));
  callee.send(ports.callee.rtpPort, encodeG711('pcmu', silence), { ssrc: 0x77 });
  caller.send(ports.caller.rtpPort, encodeG711('pcmu', silence));
  await until(() => caller.received.length === 2, 'music');
  call.update('caller', caller.settings({ talks: false }));
  call.update('callee', callee.settings());
  caller.send(ports.caller.rtpPort, encodeG711('pcmu', silence));
  await pause(100);
  expect(callee.received).toHaveLength(1);
  expect(caller.received[1]?.ssrc).toBe(0x77);
  expect(bench.of(call.callId, 'hold').map(({ side, holding }) => [side, holding])).toEqual([
    ['callee', true],
    ['callee', false],
  ]);
  await call.close();
});

test('keys by RFC 4733 and as tones: one event, zero in the recording on both channels', async () => {
  const { call, caller, callee } = await bench.call();
  const { callId, ports } = call;
  const sound = tone(300, 2 * second);
  sound.set(keyTone(770, 1209, 800), 8000);
  await Promise.all([
    caller.play(ports.caller.rtpPort, sound),
    callee.play(ports.callee.rtpPort, tone(500, 2 * second)),
  ]);
  for (let n = 0; n < 3; n++) caller.send(ports.caller.rtpPort, eventPayload(9, 800, true), { type: 101, advance: 0 });
  await pause(100);
  await call.close();
  bench.media.finish(callId);
  const { recording } = await bench.event(callId, 'recording-finished');
  const { channels } = await readWav(join(bench.dataDir, recording.path ?? ''));
  for (const channel of channels) {
    const spoken = channel.subarray(0, 15_000);
    expect(longestSilence(spoken)).toBeGreaterThanOrEqual(800 + 2 * 480);
    expect(longestSilence(spoken)).toBeLessThan(800 + 2 * 480 + 1600);
    expect(greatestToneShare(spoken, 1209)).toBeLessThan(0.2);
  }
  const [run, ...more] = bench.of(callId, 'dtmf');
  expect(more).toEqual([]);
  expect(run).toMatchObject({ side: 'caller' });
  expect((run?.endSample ?? 0) - (run?.startSample ?? 0)).toBeGreaterThan(8000);
});

test('a key by RFC 4733 is sounded for a leg that has not agreed to it, and still zero in the recording', async () => {
  const { call, caller, callee } = await bench.call({ callee: { sendLaw: 'pcma', telephoneEvent: null } });
  const { callId, ports } = call;
  await caller.play(ports.caller.rtpPort, tone(300, 4000));
  const event = { type: 101, advance: 0 };
  for (let duration = 160; duration <= 1600; duration += 160) {
    caller.send(ports.caller.rtpPort, eventPayload(6, duration), event);
    caller.send(ports.caller.rtpPort, encodeG711('pcmu', tone(300, 160)), { advance: 0 });
    await pause(20);
  }
  for (let n = 0; n < 3; n++) {
    caller.send(ports.caller.rtpPort, eventPayload(6, 1600, true), { ...event, advance: n === 2 ? 1600 : 0 });
  }
  await caller.play(ports.caller.rtpPort, tone(300, 4000));
  await until(() => callee.received.length === 25 + 10 + 25, 'all of it');
  await call.close();
  bench.media.finish(callId);

  expect(new Set(callee.received.map(({ type }) => type))).toEqual(new Set([8]));
  const onset = (callee.received[0]?.timestamp ?? 0) + 4000;
  expect(callee.received.slice(25).map(({ timestamp }) => (timestamp - onset) | 0)).toEqual(
    Array.from({ length: 35 }, (_, n) => 160 * n),
  );
  const key = callee.heard().subarray(4000, 5600);
  expect(toneShare(key, 770)).toBeGreaterThan(0.3);
  expect(toneShare(key, 1477)).toBeGreaterThan(0.5);
  expect(toneShare(key, 300)).toBeLessThan(0.01);

  const { recording } = await bench.event(callId, 'recording-finished');
  const { channels } = await readWav(join(bench.dataDir, recording.path ?? ''));
  for (const channel of channels) {
    expect(channel.subarray(4000 - 480, 5600 + 480).every((sample) => sample === 0)).toBe(true);
    expect(greatestToneShare(channel, 1477)).toBeLessThan(0.2);
  }
  expect(toneShare(channels[0]?.subarray(0, 3000) ?? silence, 300)).toBeGreaterThan(0.9);
  expect(bench.of(callId, 'dtmf')).toHaveLength(1);
});

test('comfort noise is silence, filled and counted', async () => {
  const { call, caller } = await bench.call();
  const { callId, ports } = call;
  await caller.play(ports.caller.rtpPort, tone(440, 3200));
  caller.send(ports.caller.rtpPort, Uint8Array.of(60), { type: 13, advance: 3200 });
  await pause(400);
  await caller.play(ports.caller.rtpPort, tone(440, 1600));
  await call.close();
  bench.media.finish(callId);
  const { recording } = await bench.event(callId, 'recording-finished');
  const { streams } = await bench.event(callId, 'media-ended');
  const [left = silence] = (await readWav(join(bench.dataDir, recording.path ?? ''))).channels;
  expect(longestSilence(left)).toBeGreaterThan(2400);
  expect(streams.caller?.filledSamples).toBeGreaterThanOrEqual(3000);
  expect(streams.caller?.malformedPackets).toBe(0);
  // Nothing was lost that was sent; of the callee nothing came.
  expect(streams.caller?.mos).toBeGreaterThan(3);
  expect(streams.callee?.mos).toBeNull();
});

test('record: none keeps nothing', async () => {
  const { call, caller, callee } = await bench.call({ record: 'none' });
  await caller.play(call.ports.caller.rtpPort, tone(440, 1600));
  expect(callee.received).toHaveLength(10);
  bench.media.release(call.callId, 1600, [], []);
  await call.close();
  bench.media.finish(call.callId);
  const { recording } = await bench.event(call.callId, 'recording-finished');
  expect(recording).toMatchObject({ path: null, samples: 0, sha256: null, failure: null });
  expect((await bench.event(call.callId, 'media-ended')).streams.caller?.packets).toBe(10);
});

test.skipIf(!hasIpv6)(
  'IPv6: audio and RTCP, however the address is spelled, and IPv4 on the other leg (needs ::1)',
  async () => {
    const both = await MediaBench.start({ ports: '43200-43219', asrProcesses: 0, bindAddress: '::' });
    const caller = await Phone.create(0x6666, '::1');
    const callee = await Phone.create(0x4444);
    try {
      const call = await both.media.open({ callId: 'call-six', record: 'redacted-only' });
      const signalled = caller.settings();
      const spelled = { ...signalled.remote, address: '0:0:0:0:0:0:0:1' } as typeof signalled.remote;
      call.update('caller', { ...signalled, remote: spelled, acceptedAddresses: ['0:0:0:0:0:0:0:1'] });
      call.update('callee', callee.settings());
      await Promise.all([
        caller.play(call.ports.caller.rtpPort, tone(440, 4000)),
        callee.play(call.ports.callee.rtpPort, tone(620, 4000)),
      ]);
      const report = new packets.SenderReportPacket();
      callee.rtcp.send(bytesOf(report), call.ports.callee.rtcpPort, localhost);
      await until(() => caller.receivedRtcp.length === 1, 'RTCP');
      await call.close();
      const { streams } = await both.event('call-six', 'media-ended');
      expect(toneShare(callee.heard(), 440)).toBeGreaterThan(0.95);
      expect(toneShare(caller.heard(), 620)).toBeGreaterThan(0.95);
      for (const side of ['caller', 'callee'] as const) {
        expect(streams[side]).toMatchObject({ packets: 25, strangerPackets: 0, malformedPackets: 0 });
      }
    } finally {
      caller.close();
      callee.close();
      await both.close();
    }
  },
);

describe('ports', () => {
  test('those in use elsewhere are skipped, none left is told, and they come back after their rest', async () => {
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => taken.bind(43_301, localhost, resolve));
    const small = await MediaBench.start({ ports: '43300-43305', quarantineS: 0.5 });
    try {
      const { call } = await small.call();
      expect([call.ports.caller, call.ports.callee]).toEqual([
        { rtpPort: 43_302, rtcpPort: 43_303 },
        { rtpPort: 43_304, rtcpPort: 43_305 },
      ]);
      await expect(small.media.open({ callId: 'next', record: 'all' })).rejects.toMatchObject({
        code: 'ports-exhausted',
      });
      await call.close();
      await expect(small.media.open({ callId: 'next', record: 'all' })).rejects.toMatchObject({
        code: 'ports-exhausted',
      });
      await pause(600);
      await (await small.media.open({ callId: 'next', record: 'all' })).close();
      await pause(1100);
      const rendered = await small.metrics.render();
      expect(rendered).toMatch(/sidetone_media_ports_exhausted_total [1-9]/);
      expect(rendered).toMatch(/sidetone_media_port_bind_failures_total [1-9]/);
    } finally {
      taken.close();
      await small.close();
    }
  });

  test('calls are spread over the workers, and a full worker does not refuse what another can take', async () => {
    const two = await MediaBench.start({ ports: '43400-43407', workers: 2, quarantineS: 60 });
    try {
      const calls = [await two.call(), await two.call()];
      expect(calls.map(({ call }) => call.ports.caller.rtpPort)).toEqual([43_400, 43_404]);
      await expect(two.call()).rejects.toMatchObject({ code: 'ports-exhausted' });
    } finally {
      await two.close();
    }
  });
});

test('no RTP: an event for one leg and its return, trouble for both, and none while held', async () => {
  const quick = await MediaBench.start({ ports: '43500-43519', rtpTimeoutS: 1.2, silentAfterS: 0.8 });
  try {
    const { call, caller, callee } = await quick.call();
    const held = await quick.call({ callee: { holding: true } });
    held.caller.send(held.call.ports.caller.rtpPort, encodeG711('pcmu', silence));
    callee.send(call.ports.callee.rtpPort, encodeG711('pcmu', silence));
    await caller.play(call.ports.caller.rtpPort, tone(440, 3 * second));
    expect(quick.of(call.callId, 'stream-silent').map(({ side }) => side)).toEqual(['callee']);
    expect(quick.troubles).toEqual([]);
    callee.send(call.ports.callee.rtpPort, encodeG711('pcmu', silence));
    await quick.event(call.callId, 'stream-resumed');
    await until(() => quick.troubles.length > 0, 'the timeout of both');
    expect(quick.troubles[0]).toEqual({ callId: call.callId, kind: 'timeout' });
    expect(quick.of(held.call.callId, 'stream-silent')).toEqual([]);
  } finally {
    await quick.close();
  }
});

function bytesOf(packet: packets.SenderReportPacket | packets.ReceiverReportPacket): Buffer {
  packet.serialize();
  const { buffer, byteOffset, byteLength } = packet.getView();
  return Buffer.from(buffer, byteOffset, byteLength);
}
