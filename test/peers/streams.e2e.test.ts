import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { readWav } from '#lib/audio/wav.ts';
import type { SourceState } from '#sip/types.ts';
import { AudioSocketPeer } from '../../media/testing/audiosocket-peer.ts';
import { inTime, LinearSender, TwilioSender } from '../../media/testing/stream-senders.ts';
import { TestServer, waitFor } from '../server.ts';
import { readRecording, shareOfOpeningTone, wordsHeard, writeToneAndSentence } from './sounds.ts';

/**
 * Senders of streams, written from the published descriptions, against the whole server: each party plays a tone and a
 * sentence of its own, which are on record on its own side.
 */
const annHz = 500;
const bobHz = 900;
const playS = 12;
const second = 8000;

let server: TestServer;
let ann: Int16Array;
let bob: Int16Array;
beforeAll(async () => {
  const sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
  const sound = async (name: string, hz: number, sentence: string): Promise<Int16Array> => {
    await writeToneAndSentence(join(sounds, name), hz, sentence);
    const { channels } = await readWav(join(sounds, name));
    return (channels[0] ?? new Int16Array(0)).slice(0, playS * second);
  };
  ann = await sound('ann.wav', annHz, 'refund');
  bob = await sound('bob.wav', bobHz, 'weather');
  rmSync(sounds, { recursive: true });
  server = await TestServer.start({ environment: { SIDETONE_AUDIOSOCKET_PORT: '0' } });
  await server.ready();
});
afterAll(() => server?.close());

const streamsUrl = (rest: string): string => `${server.url.replace('http', 'ws')}/api/v1/streams${rest}`;

async function callWith(sipCallId: string): Promise<Call> {
  return waitFor(`call ${sipCallId} to be stored`, async () => {
    const { items } = await server.json<{ items: (Call & { readonly live: boolean })[] }>('/api/v1/calls');
    return items.find((call) => call.sipCallIds.includes(sipCallId) && !call.live && call.completeness !== 'pending');
  });
}

async function isOnRecord(call: Call): Promise<void> {
  expect(call).toMatchObject({
    termination: { result: 'completed', reason: 'sender-ended', sipStatus: null },
    completeness: 'complete',
  });
  const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${call.callId}/transcript`);
  expect(wordsHeard(items, 'caller', 'refund')).toBeGreaterThan(0.6);
  expect(wordsHeard(items, 'callee', 'weather')).toBeGreaterThan(0.6);
  expect(wordsHeard(items, 'callee', 'refund')).toBeLessThan(0.4);
  const recording = await readRecording(
    await (await server.get(`/api/v1/calls/${call.callId}/recording`)).arrayBuffer(),
  );
  expect(shareOfOpeningTone(recording.caller, annHz)).toBeGreaterThan(0.9);
  expect(shareOfOpeningTone(recording.callee, bobHz)).toBeGreaterThan(0.9);
}

test.concurrent('AudioSocket, two sockets of one UUID', async () => {
  const port = Number((await server.logged('AudioSocket is open'))['port']);
  const uuid = randomUUID();
  const caller = await AudioSocketPeer.connect(port, uuid);
  const callee = await AudioSocketPeer.connect(port, uuid);
  await Promise.all([caller.play(0x10, second, ann), callee.play(0x10, second, bob)]);
  caller.hangUp();
  callee.hangUp();
  const call = await callWith(uuid);
  expect(call).toMatchObject({ source: 'audiosocket', sourceName: '127.0.0.1' });
  await isOnRecord(call);
});

test.concurrent('Twilio Media Streams with the key in the path, the only place that it has for one', async () => {
  const twilio = new TwilioSender(streamsUrl(`/${server.adminKey}`));
  const callSid = 'CA11111111111111111111111111111111';
  await twilio.begin({ callSid, customParameters: { from: '+15550100', to: '+15550111' } });
  await inTime(playS * 50, (n) => {
    twilio.media('inbound', n + 1, ann.subarray(n * 160, n * 160 + 160));
    twilio.media('outbound', n + 1, bob.subarray(n * 160, n * 160 + 160));
  });
  twilio.stop();
  const call = await callWith(callSid);
  expect(call).toMatchObject({ source: 'websocket', parties: [{ side: 'caller' }, { side: 'callee' }] });
  await isOnRecord(call);
});

test.concurrent('mod_audio_fork in stereo', async () => {
  const fork = new LinearSender(
    streamsUrl(`?format=linear16&mixType=stereo&sampleRate=8k&token=${server.adminKey}`),
    'audio.drachtio.org',
  );
  await fork.opened;
  fork.text({ callid: 'fork-1@pbx', from: '2061236666', to: '6173333456' });
  await fork.play(second, ann, bob);
  fork.hangUp();
  const call = await callWith('fork-1@pbx');
  expect(call).toMatchObject({ source: 'websocket' });
  await isOnRecord(call);
});

test('the page of sources knows all three, and why a fourth was turned away', async () => {
  const wrong = new LinearSender(streamsUrl(`?format=linear16&token=${server.adminKey}`));
  await wrong.opened;
  wrong.binary(new Uint8Array(320));
  await waitFor('the refusal', () => wrong.closed);
  expect(wrong.closed?.reason).toMatch(/^rate-unknown: add sampleRate=/);
  const { items } = await server.json<{ items: SourceState[] }>('/api/v1/sources');
  const calls = Object.fromEntries(items.map((each) => [each.source, each.calls]));
  expect(calls).toMatchObject({ audiosocket: 1, websocket: 2 });
  const refused = items.find(({ source }) => source === 'websocket')?.refused ?? [];
  expect(refused).toMatchObject([{ reason: 'rate-unknown', count: 1 }]);
});
