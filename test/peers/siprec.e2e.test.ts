import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { encodeG711 } from '#lib/audio/g711.ts';
import { readWav } from '#lib/audio/wav.ts';
import { ann, bob, bothBodies, metadataText, recordingOffer, siprecHeaders } from '../../sip/siprec/testing/bodies.ts';
import { portsOf, RecordingClient } from '../../sip/siprec/testing/recording-client.ts';
import { TestServer, waitFor } from '../server.ts';
import { readRecording, shareOfOpeningTone, wordsHeard, writeToneAndSentence } from './sounds.ts';

/** A recorder client written from the RFCs against the whole server: each stream plays a tone and a sentence of its own. */
const annHz = 500;
const bobHz = 900;
const playS = 12;

let server: TestServer;
let sounds: string;

beforeAll(async () => {
  sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
  await writeToneAndSentence(join(sounds, 'ann.wav'), annHz, 'refund');
  await writeToneAndSentence(join(sounds, 'bob.wav'), bobHz, 'weather');
  server = await TestServer.start();
  await server.ready();
});
afterAll(async () => {
  await server?.close();
  rmSync(sounds, { recursive: true, force: true });
});

async function codesOf(name: string): Promise<Uint8Array> {
  const { channels } = await readWav(join(sounds, name));
  return encodeG711('pcmu', (channels[0] ?? new Int16Array(0)).subarray(0, playS * 8000));
}

test('two streams with crossed labels: each side has its own words, its own tone and its own name', async () => {
  const src = await RecordingClient.open(Number(server.sip.split(':')[1]));
  const ok = await src.invite({
    headers: siprecHeaders,
    body: bothBodies(recordingOffer([{ label: '2' }, { label: '1' }]), metadataText([ann, bob], ['1', '2'])),
  });
  src.ack();
  const callId = ok.header('X-Sidetone-Call-Id');
  const [bobs = 0, anns = 0] = portsOf(ok.body);
  await Promise.all([
    src.play(bobs, await codesOf('bob.wav'), 'in-time'),
    src.play(anns, await codesOf('ann.wav'), 'in-time'),
  ]);
  await src.request('BYE');
  await src.close();
  const call = await waitFor('the call to be stored', async () => {
    const answer = await server.json<Call & { readonly live: boolean }>(`/api/v1/calls/${callId}`);
    return answer.state === 'ended' && !answer.live ? answer : undefined;
  });
  expect(call).toMatchObject({
    source: 'siprec',
    completeness: 'complete',
    sipCallIds: [src.callId],
    termination: { result: 'completed', reason: 'sender-ended', sipStatus: null },
    parties: [
      { side: 'caller', uri: ann.uri },
      { side: 'callee', uri: bob.uri },
    ],
  });
  for (const stream of Object.values(call.streams ?? {})) {
    expect(stream).toMatchObject({ packets: playS * 50, lostPackets: 0, strangerPackets: 0, malformedPackets: 0 });
  }
  const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`);
  expect(wordsHeard(items, 'caller', 'refund')).toBeGreaterThan(0.6);
  expect(wordsHeard(items, 'callee', 'weather')).toBeGreaterThan(0.6);
  expect(wordsHeard(items, 'callee', 'refund')).toBeLessThan(0.4);
  const recording = await readRecording(await (await server.get(`/api/v1/calls/${callId}/recording`)).arrayBuffer());
  expect(shareOfOpeningTone(recording.caller, annHz)).toBeGreaterThan(0.9);
  expect(shareOfOpeningTone(recording.callee, bobHz)).toBeGreaterThan(0.9);
});
