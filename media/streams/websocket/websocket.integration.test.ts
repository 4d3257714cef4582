import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { readWav } from '#lib/audio/wav.ts';
import { SidetoneError } from '#lib/errors.ts';
import { longestSilence, tone, toneShare } from '#lib/testing/tones.ts';
import { wideTone } from '../../testing/audiosocket-peer.ts';
import { MediaBench } from '../../testing/media-bench.ts';
import { pause, until } from '../../testing/phone.ts';
import { StreamBench, type StreamedTestCall } from '../../testing/stream-bench.ts';
import { inTime, LinearSender, TwilioSender } from '../../testing/stream-senders.ts';

const second = 8000;
const none = new Int16Array(0);

let media: MediaBench;
let bench: StreamBench | undefined;
beforeAll(async () => {
  media = await MediaBench.start({ ports: '43500-43599', asrProcesses: 0 });
});
afterEach(() => bench?.close());
afterAll(() => media.close());

async function start(refusals: Error[] = []): Promise<StreamBench> {
  bench = await StreamBench.start(media, {}, refusals);
  return bench;
}

async function over(): Promise<StreamedTestCall> {
  await until(() => bench?.calls[0]?.ended !== undefined, 'the call ends');
  return bench?.calls[0] as StreamedTestCall;
}

async function recorded(call: StreamedTestCall): Promise<{ left: Int16Array; right: Int16Array }> {
  const { recording } = await media.event(call.callId, 'recording-finished');
  const [left = none, right = none] = (await readWav(join(media.dataDir, recording.path ?? ''))).channels;
  return { left, right };
}

test('mod_audio_fork in stereo at 16 kHz: metadata, then both parties; nothing is ever sent to it', async () => {
  const house = await start();
  const fork = new LinearSender(house.url('?format=linear16&mixType=stereo&sampleRate=16k'), 'audio.drachtio.org');
  await fork.opened;
  fork.text({ to: '6173333456', from: '2061236666', callid: 'a84b4c76e66710@pbx' });
  await fork.play(16_000, wideTone(440, 16_000, 1), wideTone(620, 16_000, 1));
  fork.hangUp();
  const call = await over();
  expect(call.ended).toBe('sender-ended');
  expect(call.begun).toMatchObject({ source: 'websocket', sourceName: 'pbx', sipCallIds: ['a84b4c76e66710@pbx'] });
  expect(call.parties).toMatchObject([
    { side: 'caller', uri: 'tel:2061236666' },
    { side: 'callee', uri: 'tel:6173333456' },
  ]);
  const { left, right } = await recorded(call);
  expect(toneShare(left.subarray(400, 7600), 440)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(400, 7600), 620)).toBeGreaterThan(0.9);
  expect(fork.subprotocol).toBe('audio.drachtio.org');
  expect(fork.received).toEqual([]);
  expect(house.seen).toMatchObject([{ sourceName: 'pbx' }]);
});

test('jambonz says all in its first message; a call that it placed has its sides the other way round; keys', async () => {
  const house = await start();
  const fork = new LinearSender(house.url('?format=linear16'), 'audio.jambonz.org');
  await fork.opened;
  fork.text({
    callSid: '9fb35c28-9688-4531-943c-e280b04f3adf',
    callId: 'd8907723@sbc',
    direction: 'outbound',
    from: '+15083084809',
    to: 'sip:bob@example.com;transport=udp',
    sampleRate: 8000,
    mixType: 'stereo',
    customerData: { x: 1 },
  });
  const playing = fork.play(8000, tone(440, second), tone(620, second));
  await pause(500);
  fork.text({ event: 'dtmf', dtmf: '2', duration: '160' });
  await playing;
  fork.hangUp();
  const call = await over();
  expect(call.begun.sipCallIds).toEqual(['9fb35c28-9688-4531-943c-e280b04f3adf', 'd8907723@sbc']);
  expect(call.parties).toMatchObject([
    { side: 'caller', uri: 'tel:+15083084809' },
    { side: 'callee', uri: 'sip:bob@example.com' },
  ]);
  const { left, right } = await recorded(call);
  expect(toneShare(left.subarray(4800, 7600), 620)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(400, 2400), 440)).toBeGreaterThan(0.9);
  expect(media.of(call.callId, 'dtmf')).toMatchObject([{ side: 'callee' }]);
});

test('Asterisk’s chan_websocket: plain text events, the rest in the address; keys', async () => {
  const house = await start();
  const address = '?format=linear16&sampleRate=8000&call=9&side=callee&caller=5550100&callee=5550111';
  const channel = new LinearSender(house.url(address), 'media');
  await channel.opened;
  channel.text('MEDIA_START connection_id:x channel:WebSocket/x format:slin optimal_frame_size:320 ptime:20');
  const playing = channel.play(8000, tone(620, second));
  await pause(700);
  channel.text('DTMF_END digit:1 channel_id:1795602459.31');
  await playing;
  channel.hangUp();
  const call = await over();
  expect(channel.subprotocol).toBe('media');
  expect(call.begun.sipCallIds).toEqual(['9']);
  expect(call.parties).toMatchObject([
    { side: 'caller', uri: 'tel:5550100' },
    { side: 'callee', uri: 'tel:5550111' },
  ]);
  const { right } = await recorded(call);
  expect(media.of(call.callId, 'dtmf')).toMatchObject([{ side: 'callee' }]);
  expect(toneShare(right.subarray(400, 4000), 620)).toBeGreaterThan(0.9);
  expect(channel.received).toEqual([]);
});

test('two sockets with one call= are one call, in either order; a third side joins; what dies comes back', async () => {
  const house = await start();
  const to = (side: string): LinearSender =>
    new LinearSender(house.url(`?format=linear16&call=7&sampleRate=8000&side=${side}`));
  const [callee, caller] = [to('callee'), to('caller')];
  const talking = caller.play(8000, tone(440, 2 * second));
  await callee.play(8000, tone(620, second / 2));
  callee.die();
  await pause(500);
  const back = to('callee');
  await back.play(8000, tone(620, second / 2));
  const twin = to('caller');
  await twin.play(8000, tone(900, second / 5));
  expect(twin.closed).toMatchObject({ code: 1008, reason: expect.stringMatching(/^side-taken: /) as string });
  await talking;
  back.hangUp();
  caller.hangUp();
  const call = await over();
  expect(house.calls).toHaveLength(1);
  expect(call.notes).toEqual(['stream-lost callee', 'stream-back callee', 'stream-not-taken side-taken']);
  expect(call.ended).toBe('sender-ended');
  const { left, right } = await recorded(call);
  expect(toneShare(left.subarray(400, 15_000), 440)).toBeGreaterThan(0.9);
  expect(longestSilence(right)).toBeGreaterThan(3000);
  expect(toneShare(right.subarray(9000, 11_500), 620)).toBeGreaterThan(0.8);
});

test('Twilio: both tracks in mu-law; what overtook is put right, what is missing is silence of its length', async () => {
  const house = await start();
  const twilio = new TwilioSender(house.url('/the-key-in-the-path'));
  await twilio.begin({ customParameters: { From: '+15550100', To: '+15550111' } });
  const [caller, callee] = [tone(440, second), tone(620, second)];
  const order = [...Array.from({ length: 50 }, (_, n) => n)];
  for (let n = 5; n < 45; n += 10) [order[n], order[n + 1]] = [order[n + 1] as number, order[n] as number];
  await inTime(50, (n) => {
    const chunk = order[n] as number;
    const piece = (pcm: Int16Array): Int16Array => pcm.subarray(chunk * 160, chunk * 160 + 160);
    twilio.media('inbound', chunk + 1, piece(caller));
    if (chunk < 20 || chunk >= 30) twilio.media('outbound', chunk + 1, piece(callee));
    if (n === 47) twilio.message('dtmf', { dtmf: { track: 'inbound_track', digit: '1' } });
    if (n === 48) twilio.message('mark', { mark: { name: 'x' } });
  });
  twilio.stop();
  const call = await over();
  expect(call.begun).toMatchObject({ sipCallIds: ['CA00000000000000000000000000000001'] });
  expect(call.parties).toMatchObject([
    { side: 'caller', uri: 'tel:+15550100' },
    { side: 'callee', uri: 'tel:+15550111' },
  ]);
  expect(call.ended).toBe('sender-ended');
  const { left, right } = await recorded(call);
  expect(media.of(call.callId, 'dtmf')).toMatchObject([{ side: 'caller' }]);
  // Put right, the tone has few breaks (0.7 of it is there when nothing is): until the key it is all there is.
  expect(toneShare(left.subarray(0, 5800), 440)).toBeGreaterThan(0.9);
  // What is missing is 200 ms, of which a little is concealed; what follows lies in its place to the sample.
  expect(longestSilence(right.subarray(3200, 4800))).toBeGreaterThan(800);
  expect(toneShare(right.subarray(0, 3200), 620)).toBeGreaterThan(0.9);
  expect(toneShare(right.subarray(4800, 5800), 620)).toBeGreaterThan(0.9);
  await until(() => twilio.closed !== undefined, 'it is closed');
  expect(twilio.closed?.code).toBe(1000);
  expect(twilio.received).toEqual([]);
});

test('Telnyx and others spell it their way: A-law, snake case, linear sound, one track without a name', async () => {
  const house = await start();
  const telnyx = new TwilioSender(house.url('?format=twilio'));
  await telnyx.opened;
  telnyx.text({ event: 'connected', version: '1.0.0' });
  telnyx.text({
    event: 'start',
    sequence_number: '1',
    stream_id: '32DE0DEA-53CB-4B21-89A4-9E1819C043BC',
    start: {
      call_control_id: 'v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ',
      from: '+15550100',
      to: 'sip:bob@example.com',
      media_format: { encoding: 'PCMA', sample_rate: 8000, channels: 1 },
    },
  });
  await inTime(30, (n) => telnyx.media('inbound', n + 1, tone(440, 160, 8000, n * 160), 'pcma'));
  telnyx.text({ event: 'stop', stream_id: '32DE0DEA', stop: { call_control_id: 'v2:T0' } });
  const call = await over();
  expect(call.begun.sipCallIds).toEqual(['v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ']);
  const { left, right } = await recorded(call);
  expect(toneShare(left.subarray(160, 4500), 440)).toBeGreaterThan(0.9);
  expect(right.every((sample) => sample === 0)).toBe(true);
});

test('each refusal closes with a code and says what to change', async () => {
  const house = await start([new SidetoneError('at-capacity', 'full')]);
  const refusedWith = async (path: string, say: (sender: TwilioSender) => void): Promise<[number, string]> => {
    const sender = new TwilioSender(house.url(path));
    await sender.opened;
    say(sender);
    await until(() => sender.closed !== undefined, `${path} is refused`);
    return [sender.closed?.code ?? 0, sender.closed?.reason.split(':')[0] ?? ''];
  };
  const linear = '?format=linear16';
  const startOf = (encoding: string): unknown => ({ event: 'start', start: { mediaFormat: { encoding } } });
  expect(await refusedWith(linear, (sender) => sender.text('{"sampleRate":8000}'))).toEqual([1013, 'at-capacity']);
  expect(await refusedWith('?format=mp3', () => undefined)).toEqual([1008, 'unknown-format']);
  expect(await refusedWith(`${linear}&side=left`, () => undefined)).toEqual([1008, 'bad-parameter']);
  expect(await refusedWith(`${linear}&sampleRate=7`, () => undefined)).toEqual([1008, 'bad-parameter']);
  expect(await refusedWith(linear, (sender) => sender.binary(new Uint8Array(320)))).toEqual([1008, 'rate-unknown']);
  expect(await refusedWith('?format=twilio', (sender) => sender.text('hello'))).toEqual([1003, 'not-json']);
  expect(await refusedWith('?format=twilio', (sender) => sender.binary(new Uint8Array(9)))).toEqual([1003, 'not-json']);
  expect(await refusedWith('', (sender) => sender.text(startOf('G722')))).toEqual([1003, 'unsupported-encoding']);
  expect(await refusedWith('?format=twilio', (sender) => sender.media('inbound', 1, tone(1, 160)))).toEqual([
    1008,
    'start-missing',
  ]);
  house.streams.drain();
  expect(await refusedWith('', (sender) => void sender.begin())).toEqual([1013, 'server-draining']);
  expect(house.refused).toHaveLength(10);
  expect(house.refused.every(({ remedy }) => remedy.length > 20)).toBe(true);
});

test('a message that is too large loses the socket; a flood is dropped and counted; shutdown says so', async () => {
  const house = await start();
  const large = new LinearSender(house.url('?format=linear16&sampleRate=8000&side=mixed'));
  await large.opened;
  large.binary(new Uint8Array(600_000));
  await until(() => large.closed !== undefined, 'it is closed');
  expect(large.closed?.code).toBe(1009);
  const flood = new LinearSender(house.url('?format=linear16&sampleRate=8000&side=mixed'));
  await flood.opened;
  for (let n = 0; n < 20; n++) flood.binary(new Uint8Array(16_000));
  await vi.waitFor(() => expect(house.refused).toMatchObject([{ reason: 'sound-too-fast' }]));
  expect(await media.metrics.render()).toMatch(/sidetone_streams_dropped_ms_total\{source="websocket"\} 1[45]\d{3}\b/);
  await house.close();
  expect(flood.closed).toMatchObject({ code: 1001, reason: 'server-shutdown' });
  expect(house.call.ended).toBe('server-shutdown');
  bench = undefined;
});

test('the house hangs up: the sender is told', async () => {
  const house = await start();
  const twilio = new TwilioSender(house.url('?format=twilio'));
  await twilio.begin();
  await until(() => house.calls.length === 1, 'a call begins');
  house.call.want('max-duration');
  await until(() => twilio.closed !== undefined, 'it is closed');
  expect(twilio.closed).toEqual({ code: 1000, reason: 'max-duration' });
  expect(house.call.ended).toBe('max-duration');
});

test('a flood is closed with its reason after a minute of sound that was dropped; who never sends any, as any other silence', async () => {
  const house = await start();
  const mute = new TwilioSender(house.url('?format=twilio'));
  await mute.begin();
  const flood = new LinearSender(house.url('?format=linear16&sampleRate=8000&side=mixed'));
  await flood.opened;
  for (let n = 0; n < 90; n++) flood.binary(new Uint8Array(16_000));
  await until(() => flood.closed !== undefined, 'it is closed');
  expect(flood.closed?.code).toBe(1008);
  expect(flood.closed?.reason).toMatch(/^sound-flood: a minute more/);
  expect(house.refused.map(({ reason }) => reason)).toEqual(['sound-too-fast', 'sound-flood']);
  await until(() => mute.closed !== undefined, 'the silent one is over');
  expect(mute.closed).toEqual({ code: 1000, reason: 'rtp-timeout' });
});
