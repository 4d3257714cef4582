import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { sampleRateHz, type IngestEntry } from '#media/types.ts';
import { readTelephoneSound } from '../cli/commands/call.ts';
import { callBetweenPhones } from '../cli/softphone/pair.ts';
import { repository, TestServer, waitFor } from './server.ts';

/** Recordings handed in by the command line to a whole server, as somebody would who has a folder of them. */
const run = promisify(execFile);
const demo = { caller: join(repository, 'demo/caller.wav'), callee: join(repository, 'demo/callee.wav') };
const secondsOfTalk = 45;
/** Ports of this server's alone: a capture takes no other test's calls with it. */
const rtpPorts = '31000-31199';
const yaml = `rtp: { ports: ${rtpPorts} }`;

let dir: string;
let server: TestServer;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-ingest-'));
  server = await TestServer.start({ dir, yaml });
  await server.ready();
});
afterAll(async () => {
  await server?.close();
  rmSync(dir, { recursive: true, force: true });
});

type Outcome = Omit<IngestEntry, 'state'> & { readonly state: string; readonly isNew?: boolean };

async function ingest(...args: string[]): Promise<{ readonly code: number; readonly items: readonly Outcome[] }> {
  const command = [join(repository, 'cli/cli.ts'), 'ingest', '--json', '--config', join(dir, 'sidetone.yaml'), ...args];
  const env = {
    ...process.env,
    SIDETONE_DATA_DIR: join(dir, 'data'),
    SIDETONE_HTTP_PORT: new URL(server.url).port,
  };
  const ended = await run(join(repository, 'node_modules/.bin/node'), command, { env, cwd: dir }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (failed: unknown) => failed as { readonly code: number; readonly stdout: string },
  );
  return { code: ended.code, items: (JSON.parse(ended.stdout) as { items: Outcome[] }).items };
}

async function stored(callId: string): Promise<Call> {
  return waitFor('the call to be stored', async () => {
    const response = await server.get(`/api/v1/calls/${callId}`);
    if (!response.ok) return undefined;
    const call = (await response.json()) as Call & { readonly live: boolean };
    return call.state === 'ended' && !call.live ? call : undefined;
  });
}

async function transcript(callId: string): Promise<readonly Utterance[]> {
  return (await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`)).items;
}

const textOf = (utterances: readonly Utterance[], side: string): string =>
  utterances
    .filter((utterance) => utterance.side === side)
    .map(({ text }) => text.toLowerCase())
    .join(' ');

/** The opening of the demonstration as one channel with both people in it. */
async function writeMixed(path: string): Promise<void> {
  const caller = await readTelephoneSound(demo.caller);
  const callee = await readTelephoneSound(demo.callee);
  const pcm = new Int16Array(secondsOfTalk * sampleRateHz);
  for (let i = 0; i < pcm.length; i++) pcm[i] = ((caller[i] ?? 0) + (callee[i] ?? 0)) / 2;
  const bytes = Buffer.from(pcm.buffer);
  const header = wavHeader({ encoding: 'pcm16', sampleRateHz, channels: 1 }, bytes.length);
  writeFileSync(path, Buffer.concat([header, bytes]));
}

test('a pair of files is one call with two sides, faster than it was spoken, and once by content', async () => {
  const startedAt = '2026-03-01T09:30:00.000Z';
  const { code, items } = await ingest('--pair', '--started-at', startedAt, demo.caller, demo.callee);
  expect(code).toBe(0);
  const [entry] = items;
  expect(entry).toMatchObject({ state: 'done', names: ['caller.wav', 'callee.wav'] });
  expect(entry?.hoursPerHour).toBeGreaterThan(1);
  const [callId = ''] = entry?.callIds ?? [];
  expect(await stored(callId)).toMatchObject({
    source: 'ingest',
    startedAt,
    completeness: 'complete',
    termination: { result: 'completed', reason: 'file-ended' },
    parties: [{ side: 'caller' }, { side: 'callee' }],
  });
  const talk = await transcript(callId);
  expect(textOf(talk, 'caller')).toContain('refund');
  expect(textOf(talk, 'callee')).toContain('recorded');
  expect(talk.map(({ text }) => text).join(' ')).toContain('[CARD]');
  expect((await server.get(`/api/v1/calls/${callId}/recording`)).status).toBe(200);

  const again = await ingest('--pair', demo.callee, demo.caller);
  expect(again.items[0]?.callIds).toEqual([callId]);
});

test('one channel with both people in it is one side, and what is broken is refused with its place', async () => {
  const mixed = join(dir, 'mixed.wav');
  const broken = join(dir, 'broken.opus');
  await writeMixed(mixed);
  const made = spawnSync('ffmpeg', ['-v', 'error', '-i', mixed, '-c:a', 'libopus', broken]);
  // Without ffmpeg a WAV of no known codec has to do.
  if (made.status === 0) truncateSync(broken, 40_000);
  else writeFileSync(broken, Buffer.from('OggS and nothing after'));
  const { code, items } = await ingest(mixed, broken);
  expect(code).toBe(1);
  expect(items[1]).toMatchObject({ state: 'refused', fault: expect.stringContaining('at byte') as string });
  const [callId = ''] = items[0]?.callIds ?? [];
  expect(await stored(callId)).toMatchObject({ completeness: 'complete', parties: [{ side: 'mixed' }] });
  const talk = await transcript(callId);
  expect(new Set(talk.map(({ side }) => side))).toEqual(new Set(['mixed']));
  expect(textOf(talk, 'mixed')).toContain('recorded');
});

test('a server killed in the middle of a file begins it anew, under the same id and nothing twice', async () => {
  // The same sound as above under another content: else it would be taken before.
  const long = join(dir, 'long.wav');
  copyFileSync(demo.caller, long);
  writeFileSync(long, Buffer.concat([readFileSync(long), Buffer.alloc(2 * 8000)]));
  const { items } = await ingest('--no-wait', '--pair', long, demo.callee);
  const [{ sha256, callIds } = { sha256: '', callIds: [''] }] = items;
  const [callId = ''] = callIds;
  await waitFor('the first rows', async () => {
    const response = await server.get(`/api/v1/calls/${callId}/transcript`);
    return response.ok && ((await response.json()) as { items: unknown[] }).items.length > 0 ? true : undefined;
  });
  server.signal('SIGKILL');
  await server.ended();
  server = await TestServer.start({ dir, yaml });
  await server.ready();
  const entry = await waitFor(
    'the file to be done',
    async () => {
      const now = await server.json<IngestEntry>(`/api/v1/ingest/${sha256}`);
      return now.state === 'done' || now.state === 'failed' ? now : undefined;
    },
    120_000,
  );
  expect(entry).toMatchObject({ state: 'done', callIds: [callId], fault: null });
  expect(await stored(callId)).toMatchObject({ completeness: 'complete', termination: { reason: 'file-ended' } });
  const talk = await transcript(callId);
  expect(textOf(talk, 'caller')).toContain('refund');
  const places = talk.map(({ side, startMs }) => `${side} ${startMs}`);
  expect(new Set(places).size).toBe(places.length);
});

/** Listening on a network is root's, and the tool may be absent. */
const mayCapture = process.getuid?.() === 0 && spawnSync('tcpdump', ['-D']).status === 0;

test.skipIf(!mayCapture)('a capture of a real call becomes a call with its sides, names and Call-IDs', async () => {
  const path = join(dir, 'call.pcap');
  const [, sipPort = ''] = server.sip.split(':');
  const filter = `udp port ${sipPort} or udp portrange ${rtpPorts}`;
  const tcpdump = spawn('tcpdump', ['-i', 'lo', '--immediate-mode', '-U', '-w', path, filter]);
  await once(tcpdump.stderr, 'data');
  const seconds = 12;
  const sound = async (file: string): Promise<Int16Array> =>
    (await readTelephoneSound(file)).subarray(0, seconds * sampleRateHz);
  const live = await callBetweenPhones({
    callerPcm: await sound(demo.caller),
    calleePcm: await sound(demo.callee),
    via: server.sip,
    transport: 'udp',
  });
  const heard = await stored(live.callId ?? '');
  tcpdump.kill('SIGINT');
  await once(tcpdump, 'exit');
  const { code, items } = await ingest(path);
  expect(code).toBe(0);
  // Both legs of the bridged call are in the capture, each a call of its own.
  const callIds = items[0]?.callIds ?? [];
  expect(callIds).toHaveLength(2);
  const calls = await Promise.all(callIds.map((callId) => stored(callId)));
  expect(calls.flatMap(({ sipCallIds }) => sipCallIds).toSorted()).toEqual([...heard.sipCallIds].toSorted());
  for (const { callId, completeness, parties, termination } of calls) {
    expect(completeness).toBe('complete');
    expect(parties.map(({ side }) => side)).toEqual(['caller', 'callee']);
    expect(termination).toMatchObject({ result: 'completed', reason: heard.termination?.reason });
    expect(textOf(await transcript(callId), 'callee')).toContain('recorded');
  }
});
