import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, CallMetrics, Finding, Utterance } from '#analytics/types.ts';
import { encodeG711 } from '#lib/audio/g711.ts';
import { readWav } from '#lib/audio/wav.ts';
import {
  ann,
  bob,
  bothBodies,
  metadataText,
  recordingOffer,
  siprecHeaders,
  type Talker,
} from '../../sip/siprec/testing/bodies.ts';
import { portsOf, RecordingClient } from '../../sip/siprec/testing/recording-client.ts';
import { TestServer, waitFor } from '../server.ts';
import { wordsHeard, writeToneAndSentence } from './sounds.ts';

/** Recorded calls of one stream for everybody, of three people, of one side alone, and paused: from SIP to what is stored. */
const playS = 12;
const cleo: Talker = { id: 'p3', uri: 'sip:cleo@example.com', sends: 't3' };

let server: TestServer;
let sounds: string;

beforeAll(async () => {
  sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
  for (const sentence of ['refund', 'weather', 'thanks']) {
    await writeToneAndSentence(join(sounds, `${sentence}.wav`), 500, sentence);
  }
  server = await TestServer.start({ environment: { SIDETONE_ASSURANCE_SILENT_AFTER_S: '3' } });
  await server.ready();
});
afterAll(async () => {
  await server?.close();
  rmSync(sounds, { recursive: true, force: true });
});

interface Recorded {
  readonly client: RecordingClient;
  readonly callId: string;
  readonly ports: readonly number[];
}

async function record(labels: readonly string[], talkers: readonly Talker[]): Promise<Recorded> {
  const client = await RecordingClient.open(Number(server.sip.split(':')[1]));
  const offer = recordingOffer(labels.map((label) => ({ label })));
  const ok = await client.invite({
    headers: siprecHeaders,
    body: bothBodies(offer, metadataText(talkers, labels)),
  });
  client.ack();
  return { client, callId: ok.header('X-Sidetone-Call-Id'), ports: portsOf(ok.body) };
}

/** Each of these sentences on the stream of the same place. */
async function play({ client, ports }: Recorded, sentences: readonly string[]): Promise<void> {
  await Promise.all(
    sentences.map(async (sentence, index) => {
      const { channels } = await readWav(join(sounds, `${sentence}.wav`));
      const codes = encodeG711('pcmu', (channels[0] ?? new Int16Array(0)).subarray(0, playS * 8000));
      await client.play(ports[index] ?? 0, codes, 'in-time');
    }),
  );
}

interface Stored {
  readonly call: Call;
  readonly said: readonly Utterance[];
  readonly findings: readonly Finding[];
  readonly metrics: CallMetrics;
}

async function hangUp({ client, callId }: Recorded): Promise<Stored> {
  await client.request('BYE');
  await client.close();
  return waitFor('the call to be stored', async () => {
    const call = await server.json<Call & { readonly live: boolean }>(`/api/v1/calls/${callId}`);
    return call.completeness !== 'pending' && !call.live ? read(call) : undefined;
  });
}

async function read(call: Call): Promise<Stored> {
  const of = <Body>(part: string): Promise<Body> => server.json<Body>(`/api/v1/calls/${call.callId}/${part}`);
  const { items: said } = await of<{ items: Utterance[] }>('transcript');
  const { items: findings } = await of<{ items: Finding[] }>('findings');
  return { call, said, findings, metrics: await of<CallMetrics>('metrics') };
}

const found = ({ findings }: Stored): string[] => findings.map(({ ruleId, side }) => `${ruleId} ${side}`);

describe('three people', () => {
  let stored: Stored;
  beforeAll(async () => {
    const recorded = await record(['1', '2', '3'], [ann, bob, cleo]);
    await play(recorded, ['refund', 'weather', 'thanks']);
    stored = await hangUp(recorded);
  });

  test('each has a side, its own words and its own figures', () => {
    const { call, said, metrics } = stored;
    expect(call.parties.map(({ side, uri }) => `${side} ${uri}`)).toEqual([
      `caller ${ann.uri}`,
      `callee ${bob.uri}`,
      `other ${cleo.uri}`,
    ]);
    expect(call).toMatchObject({ completeness: 'complete', assurance: { reason: 'all-there' } });
    for (const [side, sentence] of [
      ['caller', 'refund'],
      ['callee', 'weather'],
      ['other', 'thanks'],
    ] as const) {
      expect(wordsHeard(said, side, sentence)).toBeGreaterThan(0.6);
      expect(metrics.talkMs[side]).toBeGreaterThan(1000);
    }
    expect(metrics.overtalkMs).toBeGreaterThan(1000);
    expect(found(stored)).toContain('refund-request caller');
  });

  test('put right, caller and callee have changed places, the third has not, and the rules judge by it', async () => {
    const path = `/api/v1/calls/${stored.call.callId}`;
    const answer = await server.request('PATCH', path, { swapSides: true });
    expect(answer.status).toBe(200);
    const after = await read(await server.json<Call>(path));
    expect(wordsHeard(after.said, 'callee', 'refund')).toBeGreaterThan(0.6);
    expect(wordsHeard(after.said, 'other', 'thanks')).toBeGreaterThan(0.6);
    expect(after.metrics.talkMs).toEqual({
      caller: stored.metrics.talkMs.callee,
      callee: stored.metrics.talkMs.caller,
      other: stored.metrics.talkMs.other,
    });
    expect(after.call).toMatchObject({ sidesSwapped: true, parties: [{ side: 'callee' }, { side: 'caller' }, {}] });
    expect(found(after)).not.toContain('refund-request caller');
    const { items } = await server.json<{ items: { callId: string }[] }>('/api/v1/search?q=refund&side=callee');
    expect(items.map(({ callId }) => callId)).toContain(stored.call.callId);
  });
});

test('one stream for everybody: nobody is named, and what the caller may have said is found', async () => {
  const recorded = await record(
    ['1'],
    [
      { ...ann, sends: 't1' },
      { ...bob, sends: 't1' },
    ],
  );
  await play(recorded, ['refund']);
  const stored = await hangUp(recorded);
  expect(wordsHeard(stored.said, 'mixed', 'refund')).toBeGreaterThan(0.6);
  expect(stored.said.map(({ speaker, partyId }) => `${speaker} ${partyId}`)).toContain('Speaker 1 null');
  expect(stored.said.every(({ partyId }) => partyId === null)).toBe(true);
  expect(Object.keys(stored.metrics.talkMs)).toEqual(['mixed']);
  expect(found(stored)).toContain('refund-request mixed');
  expect(stored.call.completeness).toBe('complete');
});

test('a side of which nothing comes is told of while there is time, and the call is partial', async () => {
  const recorded = await record(['1', '2'], [ann, bob]);
  const playing = play(recorded, ['refund']);
  const alarm = await waitFor('the alarm', async () => {
    const { items } = await server.json<{ items: Finding[] }>(`/api/v1/calls/${recorded.callId}/findings`);
    return items.find(({ ruleId }) => ruleId === 'stream-silent');
  });
  expect(alarm).toMatchObject({ kind: 'system', severity: 'high', side: 'callee' });
  expect(alarm.startMs).toBeLessThan(8000);
  await playing;
  const { call } = await hangUp(recorded);
  expect(call).toMatchObject({
    completeness: 'partial',
    assurance: {
      reason: 'stream-never-came',
      streams: [
        { side: 'caller', reason: 'all-there' },
        { side: 'callee', verdict: 'missing', heardMs: 0 },
      ],
    },
  });
});

test('a pause stands on the call with who wanted it, and nothing said in it is kept', async () => {
  const recorded = await record(['1', '2'], [ann, bob]);
  const change = async (what: 'pause' | 'resume'): Promise<void> => {
    const answer = await server.request('POST', `/api/v1/calls/${recorded.callId}/${what}`);
    expect(answer.status).toBe(200);
  };
  await waitFor('the call', async () => {
    const answer = await server.get(`/api/v1/calls/${recorded.callId}`);
    return answer.ok ? true : undefined;
  });
  await change('pause');
  await play(recorded, ['refund', 'weather']);
  await change('resume');
  await play(recorded, ['thanks', 'weather']);
  const { call, said } = await hangUp(recorded);
  expect(call.pauses).toHaveLength(1);
  const [pause] = call.pauses;
  expect(pause).toMatchObject({ fromMs: 0 });
  expect(pause?.by).not.toBe('unknown');
  expect((pause?.toMs ?? 0) / 1000).toBeGreaterThan(playS - 1);
  expect(wordsHeard(said, 'caller', 'refund')).toBeLessThan(0.4);
  expect(wordsHeard(said, 'caller', 'thanks')).toBeGreaterThan(0.6);
  expect(call.completeness).toBe('complete');
});
