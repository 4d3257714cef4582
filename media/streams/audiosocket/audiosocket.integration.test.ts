import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { readWav } from '#lib/audio/wav.ts';
import { SidetoneError } from '#lib/errors.ts';
import { longestSilence, toneShare } from '#lib/testing/tones.ts';
import { AudioSocketPeer, wideTone } from '../../testing/audiosocket-peer.ts';
import { MediaBench } from '../../testing/media-bench.ts';
import { pause, until } from '../../testing/phone.ts';
import { StreamBench, type StreamedTestCall } from '../../testing/stream-bench.ts';

const second = 8000;
const none = new Int16Array(0);

let media: MediaBench;
let bench: StreamBench | undefined;
beforeAll(async () => {
  media = await MediaBench.start({ ports: '43400-43499', asrProcesses: 0 });
});
afterEach(() => bench?.close());
afterAll(() => media.close());

async function start(settings: Record<string, unknown> = {}, refusals: Error[] = []): Promise<StreamBench> {
  bench = await StreamBench.start(media, settings, refusals);
  return bench;
}

async function recorded(call: StreamedTestCall): Promise<{ left: Int16Array; right: Int16Array }> {
  const { recording } = await media.event(call.callId, 'recording-finished');
  const [left = none, right = none] = (await readWav(join(media.dataDir, recording.path ?? ''))).channels;
  return { left, right };
}

test('one UUID twice: the first socket is the caller, the second the callee, each in its channel', async () => {
  const { audioSocketPort, calls } = await start();
  const uuid = randomUUID();
  const caller = await AudioSocketPeer.connect(audioSocketPort, uuid);
  await pause(100);
  const callee = await AudioSocketPeer.connect(audioSocketPort, uuid);
  await Promise.all([
    caller.play(0x10, 8000, wideTone(440, 8000, 1.5)),
    callee.play(0x10, 8000, wideTone(620, 8000, 1.5)),
  ]);
  caller.hangUp();
  callee.hangUp();
  await until(() => calls[0]?.ended !== undefined, 'the call ends');
  const [call] = calls as [StreamedTestCall];
  expect(call.ended).toBe('sender-ended');
  expect(call.begun).toMatchObject({ source: 'audiosocket', sourceName: '127.0.0.1', sipCallIds: [uuid] });
  expect(call.parties.map(({ side }) => side)).toEqual(['caller', 'callee']);
  const { left, right } = await recorded(call);
  expect(toneShare(left.subarray(800, 10_000), 440)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(1600, 10_000), 620)).toBeGreaterThan(0.9);
  expect(calls).toHaveLength(1);
});

test.each([
  [0x10, 8000],
  [0x12, 16_000],
  [0x15, 44_100],
  [0x16, 48_000],
])(
  'kind %i is %i Hz; alone it is mixed, from its first sound on; silence comes back frame by frame',
  async (kind, rate) => {
    const { audioSocketPort, calls } = await start({ pairWaitS: 0.3 });
    const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
    await peer.play(kind, rate, wideTone(440, rate, 1));
    const echoed = peer.received.filter((frame) => frame.kind === kind);
    peer.hangUp();
    await until(() => calls[0]?.ended !== undefined, 'the call ends');
    const [call] = calls as [StreamedTestCall];
    const { left, right } = await recorded(call);
    expect(left).toEqual(right);
    expect(Math.abs(left.length - second)).toBeLessThan(400);
    expect(toneShare(left.subarray(400, 7600), 440)).toBeGreaterThan(0.9);
    expect(call.parties).toMatchObject([{ side: 'mixed', uri: null }]);
    expect(echoed.length).toBeGreaterThanOrEqual(49);
    expect(
      echoed.every(({ payload }) => payload.length === (2 * rate) / 50 && payload.every((byte) => byte === 0)),
    ).toBe(true);
  },
);

test('while a channel says nothing it gets silence all the same, so that Asterisk does not give up', async () => {
  const { audioSocketPort } = await start();
  const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await pause(500);
  expect(peer.received.length).toBeGreaterThan(10);
  await peer.play(0x10, 8000, wideTone(440, 8000, 0.2));
  const before = peer.received.length;
  await pause(700);
  expect(peer.received.length - before).toBeGreaterThanOrEqual(2);
  expect(peer.received.length - before).toBeLessThan(8);
  peer.hangUp();
});

test('by the last digit: even is the caller, odd the callee, whoever comes first', async () => {
  const { audioSocketPort, calls } = await start({ pairBy: 'last-digit' });
  const stem = randomUUID().slice(0, -1);
  const callee = await AudioSocketPeer.connect(audioSocketPort, `${stem}7`);
  const caller = await AudioSocketPeer.connect(audioSocketPort, `${stem}6`);
  await Promise.all([caller.play(0x10, 8000, wideTone(440, 8000, 1)), callee.play(0x10, 8000, wideTone(620, 8000, 1))]);
  caller.frame(0x00, Buffer.alloc(0));
  callee.frame(0x00, Buffer.alloc(0));
  await until(() => calls[0]?.ended !== undefined, 'the call ends');
  const { left, right } = await recorded(calls[0] as StreamedTestCall);
  expect(toneShare(left.subarray(800, 7000), 440)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(800, 7000), 620)).toBeGreaterThan(0.9);
});

test('a registered pair has its call id, its people and its sides, in either order', async () => {
  const { audioSocketPort, calls, streams } = await start();
  const [caller, callee, callId] = [randomUUID(), randomUUID(), randomUUID()];
  const people = { caller: { uri: 'tel:+15550100', displayName: null }, callee: null };
  streams.registerPair({
    caller: caller.toUpperCase(),
    callee,
    callId,
    people,
    sourceName: 'ari',
    sipCallIds: ['a@b'],
  });
  const later = await AudioSocketPeer.connect(audioSocketPort, callee);
  const first = await AudioSocketPeer.connect(audioSocketPort, caller);
  await Promise.all([
    first.play(0x10, 8000, wideTone(440, 8000, 0.4)),
    later.play(0x10, 8000, wideTone(620, 8000, 0.4)),
  ]);
  first.hangUp();
  later.hangUp();
  await until(() => calls[0]?.ended !== undefined, 'the call ends');
  const [call] = calls as [StreamedTestCall];
  expect(call.begun).toMatchObject({ callId, sourceName: 'ari', sipCallIds: [caller, callee, 'a@b'] });
  expect(call.parties).toMatchObject([
    { side: 'caller', uri: 'tel:+15550100' },
    { side: 'callee', uri: null },
  ]);
  // It was good for one call.
  const again = await AudioSocketPeer.connect(audioSocketPort, caller);
  await until(() => calls.length === 2, 'another call');
  expect(calls[1]?.begun.callId).toBeUndefined();
  again.hangUp();
});

test('a socket that dies is noted, the call goes on; it comes back to its side; with the last one it ends as lost', async () => {
  const { audioSocketPort, calls } = await start({ pairBy: 'last-digit' });
  const stem = randomUUID().slice(0, -1);
  const caller = await AudioSocketPeer.connect(audioSocketPort, `${stem}0`);
  const callee = await AudioSocketPeer.connect(audioSocketPort, `${stem}1`);
  const talking = caller.play(0x10, 8000, wideTone(440, 8000, 2.4));
  await callee.play(0x10, 8000, wideTone(620, 8000, 0.6));
  callee.die();
  await pause(500);
  const back = await AudioSocketPeer.connect(audioSocketPort, `${stem}1`);
  await back.play(0x10, 8000, wideTone(620, 8000, 0.6));
  await talking;
  const [call] = calls as [StreamedTestCall];
  expect(call.notes).toEqual(['stream-lost callee', 'stream-back callee']);
  back.hangUp();
  await until(() => back.closed, 'one has hung up');
  caller.die();
  await vi.waitFor(() => expect(call.ended).toBe('sender-lost'), { timeout: 7000 });
  const { left, right } = await recorded(call);
  expect(longestSilence(left.subarray(0, 18_000))).toBeLessThan(400);
  expect(longestSilence(right.subarray(0, 13_000))).toBeGreaterThan(2800);
  expect(toneShare(right.subarray(9600, 12_800), 620)).toBeGreaterThan(0.8);
}, 15_000);

test('a key is marked, a pause is silence, the house hangs up', async () => {
  const { audioSocketPort, calls } = await start({ single: 'caller' });
  const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  const playing = peer.play(0x10, 8000, wideTone(440, 8000, 3));
  await pause(600);
  peer.frame(0x03, Buffer.from('5'));
  await pause(400);
  const [call] = calls as [StreamedTestCall];
  call.pause(true);
  await pause(800);
  call.pause(false);
  await pause(400);
  call.want('max-duration');
  await playing;
  expect(call.ended).toBe('max-duration');
  expect(peer.received.at(-1)?.kind).toBe(0x00);
  expect(peer.closed).toBe(true);
  const { left } = await recorded(call);
  const [from, to] = [
    media.of(call.callId, 'paused')[0]?.sample ?? 0,
    media.of(call.callId, 'resumed')[0]?.sample ?? 0,
  ];
  expect(to - from).toBeGreaterThan(0.7 * second);
  expect(left.subarray(from, to).every((sample) => sample === 0)).toBe(true);
  expect(media.of(call.callId, 'dtmf')).toMatchObject([{ side: 'caller' }]);
});

test('keys that the configuration names pause the call, and let it go on', async () => {
  const { audioSocketPort, calls } = await start({ single: 'caller' });
  const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  const playing = peer.play(0x10, 8000, wideTone(440, 8000, 2));
  await until(() => calls.length === 1, 'the call');
  const { callId } = calls[0] as StreamedTestCall;
  const press = (keys: string): void => {
    for (const key of keys) peer.frame(0x03, Buffer.from(key));
  };
  await pause(400);
  press('7*7');
  press('1');
  await until(() => media.of(callId, 'paused').length === 1, 'the pause');
  press('*72');
  await until(() => media.of(callId, 'resumed').length === 1, 'it to go on');
  await playing;
  expect(media.of(callId, 'paused')).toHaveLength(1);
  peer.die();
});

test('a peer that sends and never reads holds nobody up when the server stops', async () => {
  const { audioSocketPort, calls, streams } = await start({ single: 'caller' });
  const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  peer.stopReading();
  // As much silence comes back, which fills what the system holds of a connection.
  for (let n = 0; n < 200; n++) {
    peer.frame(0x10, Buffer.alloc(64_000));
    await pause(2);
  }
  await until(() => calls.length === 1, 'the call');
  await streams.close();
  expect(calls[0]?.ended).toBe('server-shutdown');
  peer.die();
});

test('what is turned away is told with its remedy: no UUID, no AudioSocket, a third of one call, a late second', async () => {
  const { audioSocketPort, calls, refused } = await start({ pairWaitS: 0.1 });
  const web = await AudioSocketPeer.connect(audioSocketPort);
  web.raw(Buffer.from('\x02\x00\x01x'));
  await until(() => web.closed, 'what is no AudioSocket is closed');
  const uuid = randomUUID();
  const sockets = await Promise.all([1, 2, 3].map(() => AudioSocketPeer.connect(audioSocketPort, uuid)));
  await Promise.all(sockets.map((socket) => socket.play(0x10, 8000, wideTone(440, 8000, 0.3))));
  expect(sockets.filter(({ closed }) => closed)).toHaveLength(1);
  const late = randomUUID();
  const first = await AudioSocketPeer.connect(audioSocketPort, late);
  await first.play(0x10, 8000, wideTone(440, 8000, 0.4));
  const tooLate = await AudioSocketPeer.connect(audioSocketPort, late);
  await tooLate.play(0x10, 8000, wideTone(440, 8000, 0.2));
  expect(tooLate.closed).toBe(true);
  expect(first.closed).toBe(false);
  expect(refused.map(({ reason }) => reason)).toEqual(['not-audiosocket', 'side-taken', 'pair-too-late']);
  expect(refused[2]?.remedy).toContain('audiosocket.pairBy');
  expect(calls.at(-1)?.notes).toEqual(['stream-not-taken side-taken']);
  for (const socket of [...sockets, first]) socket.hangUp();
  const silent = await AudioSocketPeer.connect(audioSocketPort);
  await vi.waitFor(() => expect(silent.closed).toBe(true), { timeout: 7000 });
  expect(refused.at(-1)?.reason).toBe('uuid-missing');
}, 15_000);

test('full or draining, a socket is hung up on at once; a flood is bounded; a half-open one is given up', async () => {
  const full = new SidetoneError('at-capacity', 'full');
  const { audioSocketPort, calls, refused, streams } = await start({ maxSockets: 3, single: 'caller' }, [full]);
  const turnedAway = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await until(() => turnedAway.closed, 'a full house hangs up');
  expect(turnedAway.received.at(-1)?.kind).toBe(0x00);
  const half = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  const last = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  const fourth = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await until(() => fourth.closed, 'a fourth socket is closed');
  last.hangUp();
  streams.drain();
  await until(() => last.closed, 'one is gone');
  const drained = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await until(() => drained.closed, 'a draining house hangs up');
  expect(refused.map(({ reason }) => reason)).toEqual(['at-capacity', 'too-many-sockets', 'server-draining']);
  await vi.waitFor(() => expect(half.closed).toBe(true), { timeout: 4000 });
  expect(calls).toHaveLength(3);
}, 15_000);

test('a stranger is not let in', async () => {
  const { audioSocketPort, refused, calls } = await start({ allow: ['192.0.2.0/24'] });
  const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await until(() => peer.closed, 'the stranger is closed');
  expect(refused).toMatchObject([{ sourceName: '127.0.0.1', reason: 'source-not-allowed' }]);
  expect(calls).toEqual([]);
});

test('UUIDs that differ in the last digit are two calls by `uuid`, and the administrator is told how to make them one', async () => {
  const { audioSocketPort, calls, refused } = await start({ single: 'caller' });
  const stem = randomUUID().slice(0, -1);
  const other = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  const sockets = [other];
  for (const digit of ['6', '7']) sockets.push(await AudioSocketPeer.connect(audioSocketPort, `${stem}${digit}`));
  await until(() => calls.length === 3, 'three calls');
  expect(refused).toMatchObject([{ sourceName: '127.0.0.1', reason: 'last-digit-differs' }]);
  expect(refused[0]?.remedy).toContain('audiosocket.pairBy to last-digit');
  for (const socket of sockets) socket.hangUp();
});

test('a sender that floods is dropped for a minute of sound, told of, and then hung up on; the others go on', async () => {
  const { audioSocketPort, calls, refused } = await start({ single: 'caller' });
  const calm = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  const flood = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await until(() => calls.length === 2, 'both calls');
  const frame = Buffer.alloc(16_000);
  for (let n = 0; n < 65; n++) flood.frame(0x10, frame);
  await pause(200);
  expect(flood.closed).toBe(false);
  expect(refused.map(({ reason }) => reason)).toEqual(['sound-too-fast']);
  for (let n = 0; n < 2; n++) flood.frame(0x10, frame);
  await until(() => flood.closed, 'the flood is hung up on');
  expect(flood.received.at(-1)?.kind).toBe(0x00);
  expect(refused.map(({ reason }) => reason)).toEqual(['sound-too-fast', 'sound-flood']);
  expect(calm.closed).toBe(false);
  calm.hangUp();
});

test('frames that wait for their side, or hold nothing, fill no memory', async () => {
  const { audioSocketPort, calls } = await start({ pairWaitS: 1 });
  const peer = await AudioSocketPeer.connect(audioSocketPort, randomUUID());
  await until(() => calls.length === 1, 'the call');
  const nothing = Buffer.from([0x10, 0, 0]);
  peer.raw(Buffer.concat(Array.from({ length: 100_000 }, () => nothing)));
  peer.raw(Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([0x10, 0, 2, 0, 0]))));
  await until(() => media.of(calls[0]?.callId ?? '', 'media-started').length === 1, 'what waited is heard');
  peer.hangUp();
  await until(() => calls[0]?.ended !== undefined, 'the call ends');
  const { endSample } = await media.event(calls[0]?.callId ?? '', 'media-ended');
  expect(endSample).toBeLessThan(2000 + second);
});
