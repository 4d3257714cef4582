import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWav } from '#lib/audio/wav.ts';
import { encodeG711 } from '#lib/audio/g711.ts';
import type { ForkStreamSettings, MediaFork, PartySide } from '#sip/types.ts';
import { MediaBench } from './testing/media-bench.ts';
import { pcmuPayload, rtpPacket } from './testing/packets.ts';
import { Phone, localhost, pause, until } from './testing/phone.ts';
import { longestSilence, tone, toneShare } from '#lib/testing/tones.ts';

const run = promisify(execFile);
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const second = 8000;
const none = new Int16Array(0);

let bench: MediaBench;
let calls = 0;
const phones: Phone[] = [];
beforeAll(async () => {
  bench = await MediaBench.start({ ports: '43200-43399', asrProcesses: 0, silentAfterS: 1, rtpTimeoutS: 3 });
});
afterAll(async () => {
  for (const phone of phones) phone.close();
  await bench.close();
});

function listening(changes: Partial<ForkStreamSettings> = {}): ForkStreamSettings {
  return {
    remote: null,
    acceptedAddresses: [localhost],
    rtcpMux: false,
    formats: [
      { payloadType: 0, carries: 'pcmu', clockRateHz: 8000 },
      { payloadType: 8, carries: 'pcma', clockRateHz: 8000 },
      { payloadType: 101, carries: 'telephone-event', clockRateHz: 8000 },
    ],
    expected: true,
    holding: false,
    ...changes,
  };
}

async function fork(fileEpochMs?: number): Promise<MediaFork> {
  return bench.media.openFork({ callId: `fork-${process.pid}-${++calls}`, record: 'redacted-only', fileEpochMs });
}

/** A stream and somebody who sends to it. */
async function sender(of: MediaFork, side: PartySide): Promise<{ port: number; phone: Phone; side: PartySide }> {
  const stream = await of.addRtp(side);
  stream.update(listening());
  const phone = await Phone.create(phones.length + 1);
  phones.push(phone);
  return { port: stream.ports.rtpPort, phone, side };
}

/** A tone of a second and a half, sent in real time. */
async function ffmpeg(hz: number, codec: readonly string[], port: number): Promise<void> {
  const source = ['-re', '-f', 'lavfi', '-i', `sine=frequency=${hz}:duration=1.5`];
  const target = ['-f', 'rtp', `rtp://${localhost}:${port}?localrtpport=43390`];
  await run('ffmpeg', ['-v', 'error', ...source, ...codec, ...target]);
}

async function recorded(of: MediaFork): Promise<{ left: Int16Array; right: Int16Array }> {
  await of.close();
  bench.media.finish(of.callId);
  const { recording } = await bench.event(of.callId, 'recording-finished');
  const [left = none, right = none] = (await readWav(join(bench.dataDir, recording.path ?? ''))).channels;
  return { left, right };
}

test('two RTP streams lie on one timeline, each in its channel; nothing is sent', async () => {
  const copy = await fork();
  const caller = await sender(copy, 'caller');
  const callee = await sender(copy, 'callee');
  await Promise.all([
    caller.phone.play(caller.port, tone(440, second)),
    callee.phone.play(callee.port, tone(620, second)),
  ]);
  const { left, right } = await recorded(copy);
  expect(toneShare(left.subarray(0, 7000), 440)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(0, 7000), 620)).toBeGreaterThan(0.9);
  expect(caller.phone.received).toEqual([]);
  const { streams } = await bench.event(copy.callId, 'media-ended');
  expect(streams).toMatchObject({
    caller: { packets: 50, lostPackets: 0, mos: expect.any(Number) as number },
    callee: { packets: 50, lostPackets: 0, mos: expect.any(Number) as number },
  });
  expect(bench.of(copy.callId, 'media-started')[0]?.sides).toEqual(['caller', 'callee']);
});

test('a third who joins later is told of, and is heard beside the callee from then on', async () => {
  const copy = await fork();
  const caller = await sender(copy, 'caller');
  const callee = await sender(copy, 'callee');
  await Promise.all([
    caller.phone.play(caller.port, tone(440, second)),
    callee.phone.play(callee.port, tone(620, second)),
  ]);
  const other = await sender(copy, 'other');
  await Promise.all([
    caller.phone.play(caller.port, tone(440, second)),
    other.phone.play(other.port, tone(1000, second)),
  ]);
  const { left, right } = await recorded(copy);
  const [added] = bench.of(copy.callId, 'side-added');
  expect(added).toMatchObject({ side: 'other' });
  // A second has been said, of which the jitter buffer holds 0.4 s at the most, and keys and blocks 0.2 s.
  expect(added?.sample).toBeGreaterThanOrEqual(0.4 * second);
  expect(toneShare(right.subarray(0, 6000), 620)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(-6000, -1000), 1000)).toBeGreaterThan(0.9);
  expect(toneShare(left.subarray(-6000, -1000), 440)).toBeGreaterThan(0.9);
});

test('one stream that carries all is in both channels; a side is taken once, and three is the most', async () => {
  const copy = await fork();
  const mixed = await sender(copy, 'mixed');
  await expect(copy.addRtp('mixed')).rejects.toMatchObject({ code: 'bad-request' });
  await mixed.phone.play(mixed.port, tone(440, second));
  const { left, right } = await recorded(copy);
  expect(left).toEqual(right);
  expect(toneShare(left.subarray(0, 7000), 440)).toBeGreaterThan(0.9);
});

test('a pause is silence of its own length, on the timeline and in the file', async () => {
  const copy = await fork();
  const caller = await sender(copy, 'caller');
  const playing = caller.phone.play(caller.port, tone(440, 3 * second));
  await pause(1000);
  copy.pause(true);
  await pause(1000);
  copy.pause(false);
  await playing;
  const { left } = await recorded(copy);
  const [from, to] = [
    bench.of(copy.callId, 'paused')[0]?.sample ?? 0,
    bench.of(copy.callId, 'resumed')[0]?.sample ?? 0,
  ];
  expect(Math.abs(to - from - second)).toBeLessThan(0.2 * second);
  expect(left.subarray(from, to).every((sample) => sample === 0)).toBe(true);
  expect(longestSilence(left)).toBeLessThan(1.3 * second);
  expect(toneShare(left.subarray(to + 160, to + 4000), 440)).toBeGreaterThan(0.9);
  expect(left.length).toBeGreaterThan(2.8 * second);
});

test('a stream that stops is told of within seconds, and so is its return; all silent: trouble', async () => {
  const copy = await fork();
  const caller = await sender(copy, 'caller');
  const callee = await sender(copy, 'callee');
  await Promise.all([
    caller.phone.play(caller.port, tone(440, 3 * second)),
    callee.phone.play(callee.port, tone(620, 1600)),
  ]);
  expect(bench.of(copy.callId, 'stream-silent')).toMatchObject([{ side: 'callee' }]);
  callee.phone.send(callee.port, encodeG711('pcmu', tone(620, 160)));
  await until(() => bench.of(copy.callId, 'stream-resumed').length > 0, 'the stream is back');
  await until(() => bench.troubles.some(({ callId }) => callId === copy.callId), 'no stream has any sound');
  await copy.close();
});

test('a stream that is over or held does not hide that the others are silent; where all are, nothing is missing', async () => {
  const [held, copy] = [await fork(), await fork()];
  const quiet = await held.addRtp('caller');
  quiet.update(listening({ expected: false }));
  await (await held.addRtp('callee')).close();
  const caller = await sender(copy, 'caller');
  const callee = await copy.addRtp('callee');
  callee.update(listening());
  await (await copy.addRtp('other')).close();
  await caller.phone.play(caller.port, tone(440, 1600));
  callee.update(listening({ expected: false }));
  await until(() => bench.troubles.some(({ callId }) => callId === copy.callId), 'nobody talks');
  expect(bench.troubles.filter(({ callId }) => callId === held.callId)).toEqual([]);
  await Promise.all([held.close(), copy.close()]);
});

test('a stranger, and a payload that was not agreed, are counted and not heard', async () => {
  const copy = await fork();
  const stream = await copy.addRtp('caller');
  stream.update(listening({ acceptedAddresses: ['192.0.2.7'] }));
  const phone = await Phone.create(77);
  phones.push(phone);
  await phone.play(stream.ports.rtpPort, tone(440, 800));
  stream.update(listening());
  phone.send(stream.ports.rtpPort, new Uint8Array(20), { type: 18 });
  phone.sendRaw(stream.ports.rtpPort, Buffer.alloc(0));
  await pause(50);
  await copy.close();
  const { streams } = await bench.event(copy.callId, 'media-ended');
  expect(streams.caller).toMatchObject({ packets: 0, strangerPackets: 5, malformedPackets: 2 });
  expect(bench.of(copy.callId, 'media-started')).toEqual([]);
});

test('bare sound at 16 kHz lies where it arrives, cut anywhere; what pauses comes back in its place', async () => {
  const copy = await fork();
  const caller = await copy.addPcm('caller', { encoding: 'linear16', sampleRateHz: 16_000 });
  const callee = await copy.addPcm('callee', { encoding: 'pcmu', sampleRateHz: 8000 });
  const wide = Int16Array.from({ length: 640 }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 500 * n) / 16_000)),
  );
  const bytes = new Uint8Array(wide.buffer);
  const startMs = performance.now();
  for (let n = 0; n < 50; n++) {
    caller.write(bytes.slice(0, 301));
    caller.write(bytes.slice(301));
    if (n < 10 || n >= 35) callee.write(encodeG711('pcmu', tone(600, 320)));
    await pause(startMs + (n + 1) * 40 - performance.now());
  }
  const { left, right } = await recorded(copy);
  expect((await bench.event(copy.callId, 'media-ended')).streams.caller).toMatchObject({ lostPackets: 0, mos: null });
  expect(Math.abs(left.length - 2 * second)).toBeLessThan(800);
  expect(toneShare(left.subarray(0, 3000), 500)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(0, 2800), 600)).toBeGreaterThan(0.9);
  const gap = longestSilence(right);
  expect(gap).toBeGreaterThan(0.7 * second);
  expect(gap).toBeLessThan(1.1 * second);
});

test.skipIf(!hasFfmpeg)('G.722 and Opus, from one packet to the next', async () => {
  const copy = await fork();
  const stream = await copy.addRtp('caller');
  stream.update(
    listening({
      formats: [
        { payloadType: 9, carries: 'g722', clockRateHz: 8000 },
        { payloadType: 111, carries: 'opus', clockRateHz: 48_000 },
      ],
    }),
  );
  await ffmpeg(500, ['-c:a', 'g722', '-ar', '16000'], stream.ports.rtpPort);
  await ffmpeg(1250, ['-c:a', 'libopus', '-payload_type', '111'], stream.ports.rtpPort);
  const { left } = await recorded(copy);
  expect(toneShare(left.subarray(2000, 8000), 500)).toBeGreaterThan(0.9);
  expect(toneShare(left.subarray(-7000, -2000), 1250)).toBeGreaterThan(0.9);
  const { streams } = await bench.event(copy.callId, 'media-ended');
  expect(streams.caller).toMatchObject({ malformedPackets: 0, lostPackets: 0 });
});

test('from a file: faster than the clock, sample for sample, both channels in step', async () => {
  const copy = await fork(Date.UTC(2026, 0, 2));
  const caller = await copy.addPcm('caller', { encoding: 'linear16', sampleRateHz: 8000 });
  const callee = await copy.addPcm('callee', { encoding: 'linear16', sampleRateHz: 8000 });
  const [low, high] = [tone(440, 60 * second), tone(620, 60 * second)];
  for (let at = 0; at < low.length; at += second) {
    caller.write(new Uint8Array(low.slice(at, at + second).buffer));
    callee.write(new Uint8Array(high.slice(at, at + second).buffer));
    bench.media.release(copy.callId, at, [], []);
    await copy.room();
  }
  const { left, right } = await recorded(copy);
  expect([left.length, right.length]).toEqual([60 * second, 60 * second]);
  for (let at = 0; at < 60; at += 10) {
    expect(toneShare(left.subarray(at * second, (at + 10) * second), 440)).toBeGreaterThan(0.99);
    expect(toneShare(right.subarray(at * second, (at + 10) * second), 620)).toBeGreaterThan(0.99);
  }
  expect((await bench.event(copy.callId, 'media-ended')).streams.caller).toMatchObject({
    filledSamples: 0,
    droppedSamples: 0,
  });
});

test('packets out of a file: in their order and at their times, through the same jitter buffer', async () => {
  const copy = await fork(Date.UTC(2026, 0, 2));
  const formats = listening().formats;
  const caller = await copy.addPackets('caller', formats);
  const callee = await copy.addPackets('callee', formats);
  const [low, high] = [tone(440, 20 * second), tone(620, 10 * second)];
  for (let n = 0; n < 1000; n++) {
    const at = n * 160;
    const packet = (pcm: Int16Array, ssrc: number): Uint8Array<ArrayBuffer> =>
      new Uint8Array(rtpPacket({ type: 0, sequence: n & 0xffff, timestamp: at, ssrc, payload: pcmuPayload(pcm) }));
    if (n % 20 !== 19) caller.packet(packet(low.subarray(at, at + 160), 1), 5000 + n * 20);
    if (n >= 500) callee.packet(packet(high.subarray(at - 80_000, at - 79_840), 2), 5000 + n * 20 + 3);
    if (n % 100 === 0) {
      bench.media.release(copy.callId, at, [], []);
      await copy.room();
    }
  }
  const { left, right } = await recorded(copy);
  expect(Math.abs(left.length - 20 * second)).toBeLessThan(400);
  expect(toneShare(left.subarray(second, 9 * second), 440)).toBeGreaterThan(0.85);
  expect(longestSilence(right)).toBeGreaterThan(9.9 * second);
  expect(toneShare(right.subarray(11 * second, 19 * second), 620)).toBeGreaterThan(0.99);
  const { streams } = await bench.event(copy.callId, 'media-ended');
  expect(streams.caller).toMatchObject({ packets: 950, lostPackets: 49, latePackets: 0 });
  expect(bench.of(copy.callId, 'media-started')[0]?.atEpochMs).toBe(Date.UTC(2026, 0, 2) + 5000);
});
