import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasFlite } from '#lib/testing/flite.ts';
import type { Call, CallMetrics, Utterance } from '#analytics/types.ts';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { repository, TestServer, waitFor } from './server.ts';

/** Two voices on one channel, told apart; one of them is enrolled, found again, and forgotten. By the command line. */
const run = promisify(execFile);

const woman = 'slt';
const man = 'rms';
type Line = readonly [voice: string, text: string];
const firstTalk: readonly Line[] = [
  [man, 'Good morning, you have reached the service desk. What can I do for you today?'],
  [woman, 'Hello, I have ordered a new kitchen table three weeks ago and it has not arrived so far.'],
  [man, 'I am sorry to hear that. Let me have a look at your order, it will take a little moment.'],
  [woman, 'Thank you, there is no hurry at all. It was the large one, made of oak, with four chairs.'],
  [man, 'I can see it here. It left our warehouse on Tuesday and should be with you tomorrow afternoon.'],
  [woman, 'That is very good news. I will be at home all day, so please ask them to ring the bell.'],
];
const secondTalk: readonly Line[] = [
  [woman, 'Good afternoon, this is the garden centre speaking. We have got a question about the delivery.'],
  [man, 'Yes, please go ahead. I have your papers right in front of me on the screen.'],
  [woman, 'We were expecting forty small trees, but there were only some bags of earth in the lorry.'],
  [man, 'Then something has been mixed up with another customer. We will send the trees out tonight.'],
];

describe.skipIf(!hasFlite)('people who share a channel', () => {
  let dir: string;
  let server: TestServer;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sidetone-speakers-'));
    server = await TestServer.start({ dir, yaml: 'asr: { speakers: { identify: "on" } }' });
    await server.ready();
  });
  afterAll(async () => {
    await server?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function say(voice: string, text: string): Promise<Int16Array> {
    const path = join(dir, 'said.wav');
    execFileSync('flite', ['-voice', voice, '-t', text, '-o', path]);
    const { channels, sampleRateHz } = await readWav(path);
    return resample(channels[0] ?? new Int16Array(0), sampleRateHz);
  }

  /** 8 kHz, one channel, a pause after each line. */
  async function record(name: string, talk: readonly Line[]): Promise<string> {
    const pause = new Int16Array(8000 * 0.8);
    const parts: Int16Array[] = [];
    for (const [voice, text] of talk) parts.push(await say(voice, text), pause);
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
    const path = join(dir, name);
    const header = wavHeader({ encoding: 'pcm16', sampleRateHz: 8000, channels: 1 }, bytes.length);
    writeFileSync(path, Buffer.concat([header, bytes]));
    return path;
  }

  async function sidetone(...args: string[]): Promise<string> {
    const command = [join(repository, 'cli/cli.ts'), ...args, '--config', join(dir, 'sidetone.yaml')];
    const env = {
      ...process.env,
      SIDETONE_DATA_DIR: join(dir, 'data'),
      SIDETONE_HTTP_PORT: new URL(server.url).port,
    };
    return (await run(join(repository, 'node_modules/.bin/node'), command, { env, cwd: dir })).stdout;
  }

  async function handIn(path: string): Promise<string> {
    const { items } = JSON.parse(await sidetone('ingest', '--json', path)) as { items: { callIds: string[] }[] };
    const callId = items[0]?.callIds[0] ?? '';
    await waitFor('the call to be stored', async () => {
      const response = await server.get(`/api/v1/calls/${callId}`);
      if (!response.ok) return undefined;
      const call = (await response.json()) as Call & { readonly live: boolean };
      return call.state === 'ended' && !call.live ? call : undefined;
    });
    return callId;
  }

  async function transcript(callId: string): Promise<readonly Utterance[]> {
    return (await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`)).items;
  }
  const textOf = (said: readonly Utterance[], speaker: string): string =>
    said
      .filter((each) => each.speaker === speaker)
      .map(({ text }) => text.toLowerCase())
      .join(' ');

  test('they are told apart; who has consented is named in another call, until they take it back', async () => {
    const first = await handIn(await record('first.wav', firstTalk));
    const said = await transcript(first);
    expect(new Set(said.map(({ speaker }) => speaker))).toEqual(new Set(['Speaker 1', 'Speaker 2']));
    expect(textOf(said, 'Speaker 1')).toMatch(/service desk.*warehouse/s);
    expect(textOf(said, 'Speaker 2')).toMatch(/kitchen table.*chairs/s);
    const metrics = await server.json<CallMetrics>(`/api/v1/calls/${first}/metrics`);
    expect(metrics.speakers?.map(({ label }) => label)).toEqual(['1', '2']);
    for (const { talkMs } of metrics.speakers ?? []) expect(talkMs).toBeGreaterThan(8000);

    const consent = ['--consent-by', 'Anna', '--consent-at', '2026-11-01T10:00:00Z', '--consent-how', 'signed form'];
    const where = ['--call', first, '--side', 'mixed', '--voice', '2'];
    const enrolled = await sidetone('speakers', 'enrol', 'Anna', ...where, ...consent, '--json');
    const { speakerId } = JSON.parse(enrolled) as { speakerId: string };
    expect(enrolled).not.toContain('vector');
    const verified = await sidetone('speakers', 'verify', speakerId, await record('again.wav', secondTalk.slice(0, 1)));
    expect(verified).toMatch(/^the same voice/);

    const second = await handIn(await record('second.wav', secondTalk));
    const named = await transcript(second);
    expect(new Set(named.map(({ speaker }) => speaker))).toEqual(new Set(['Anna', 'Speaker 2']));
    expect(textOf(named, 'Anna')).toMatch(/garden.*trees/s);
    expect(named.find(({ speaker }) => speaker === 'Anna')?.voice?.match).toMatchObject({ speakerId });
    const vtt = await (await server.get(`/api/v1/calls/${second}/transcript?format=vtt`)).text();
    expect(vtt).toContain('<v Anna>');
    expect(await sidetone('speakers', 'list')).toContain('signed form, by Anna');

    await sidetone('speakers', 'delete', speakerId);
    expect(new Set((await transcript(second)).map(({ speaker }) => speaker))).toEqual(
      new Set(['Speaker 1', 'Speaker 2']),
    );
    const third = await handIn(await record('third.wav', [...secondTalk, ...firstTalk.slice(0, 2)]));
    expect((await transcript(third)).some(({ speaker }) => speaker === 'Anna')).toBe(false);
    const audit = await server.json<{ items: { action: string }[] }>('/api/v1/audit?limit=200');
    const actions = audit.items.map(({ action }) => action);
    for (const action of ['speaker-enrolled', 'voice-verified', 'speaker-identified', 'speaker-deleted']) {
      expect(actions, action).toContain(action);
    }
    expect(JSON.stringify(audit.items.filter(({ action }) => action.startsWith('speaker')))).not.toContain('Anna');
    expect(server.logText).not.toContain('Anna');
    expect(readFileSync(join(dir, 'data/keys/voices.key'))).toHaveLength(32);
  });
});
