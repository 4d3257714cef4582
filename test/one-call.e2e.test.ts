import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, CallMetrics, Finding, Redaction, Utterance } from '#analytics/types.ts';
import { readWav } from '#lib/audio/wav.ts';
import { readTelephoneSound } from '../cli/commands/call.ts';
import { callBetweenPhones, type PairResult } from '../cli/softphone/pair.ts';
import { readDemoScript } from '../demo/script.ts';
import { alignWords } from '../asr/text/align.ts';
import { normaliseWords } from '../asr/text/normalise.ts';
import { repository, TestServer, waitFor } from './server.ts';
import { SseWatcher } from './sse.ts';

/**
 * The conversation of the demonstration, called through a server that was started with `npm start`: one call from
 * INVITE to everything that is made of it. The tests below look at that one call.
 */
const script = readDemoScript(readFileSync(join(repository, 'demo/script.json'), 'utf8'));
const times = JSON.parse(readFileSync(join(repository, 'demo/script.times.json'), 'utf8')) as {
  readonly side: 'caller' | 'callee';
  readonly startMs: number;
  readonly endMs: number;
  /** From here to the end of the turn nothing may be kept. */
  readonly secretMs?: number;
}[];

let server: TestServer;
let watcher: SseWatcher;
let result: PairResult;
let callId: string;
let call: Call;
let transcript: readonly Utterance[];

beforeAll(async () => {
  server = await TestServer.start({ throughNpm: true });
  await server.ready();
  watcher = await SseWatcher.open((path, init) => server.get(path, init), '/api/v1/events');
  result = await callBetweenPhones({
    callerPcm: await readTelephoneSound(join(repository, 'demo/caller.wav')),
    calleePcm: await readTelephoneSound(join(repository, 'demo/callee.wav')),
    via: server.sip,
    transport: 'udp',
  });
  callId = result.callId ?? '';
  await waitFor('the end of the call', () => watcher.events.find(({ type }) => type === 'end'), 60_000);
  call = await server.json<Call>(`/api/v1/calls/${callId}`);
  transcript = (await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`)).items;
}, 240_000);

afterAll(async () => {
  watcher.close();
  await server.close();
});

const scriptOf = (side: string): string =>
  script.turns
    .filter((turn) => turn.side === side)
    .map(({ text }) => text)
    .join(' ');
const withoutMasks = (text: string): string => text.replaceAll(/\[[A-Z]+\]/g, ' ');

test('the phones hear each other, and only each other', () => {
  for (const [heard, side] of [
    [result.heardByCallee, 'caller'],
    [result.heardByCaller, 'callee'],
  ] as const) {
    const loudMs = (startMs: number, endMs: number): number => loudness(heard, startMs, endMs);
    // What was heard starts with the first packet sent, so the script's own times hold, give or take a packet.
    for (const turn of times) {
      const level = loudMs(turn.startMs + 200, turn.endMs - 200);
      if (turn.side === side) expect(level).toBeGreaterThan(300);
      else expect(level).toBeLessThan(20);
    }
  }
});

test('the call ends with a result and a reason', () => {
  expect(call).toMatchObject({
    callId,
    state: 'ended',
    source: 'b2bua',
    completeness: 'complete',
    termination: { result: 'completed', reason: 'caller-hung-up' },
  });
  expect(call.sipCallIds).toContain(result.sipCallId);
  expect(call.sipCallIds).toHaveLength(2);
});

describe.each(['caller', 'callee'] as const)('the transcript of the %s', (side) => {
  test('says what the script says, at most 5 words in a hundred wrong', () => {
    const said = transcript.filter((utterance) => utterance.side === side);
    expect(said.length).toBeGreaterThan(5);
    const words = normaliseWords(scriptOf(side));
    const score = alignWords(words, normaliseWords(withoutMasks(said.map(({ text }) => text).join(' '))));
    const errors = score.substitutions + score.deletions + score.insertions;
    const wrong = JSON.stringify(score.pairs.filter((pair) => pair.reference !== pair.heard));
    expect(errors / words.length, wrong).toBeLessThanOrEqual(0.05);
  });

  test('stands where it was said', () => {
    for (const utterance of transcript.filter((each) => each.side === side)) {
      const overlaps = times.some(
        (turn) => turn.side === side && utterance.startMs < turn.endMs + 500 && utterance.endMs > turn.startMs - 500,
      );
      expect(overlaps, `${utterance.startMs} to ${utterance.endMs}`).toBe(true);
    }
  });
});

test('words came live, while people were still talking', () => {
  const partials = watcher.events.filter((event) => event.type === 'partial' && event.words.length > 0);
  expect(partials.length).toBeGreaterThan(20);
  const types = watcher.events.map(({ type }) => type);
  expect(types.indexOf('partial')).toBeLessThan(types.indexOf('utterance'));
});

test('no digit of the card or the code is anywhere', async () => {
  const shown = watcher.events.flatMap((event) => {
    if (event.type === 'partial') return event.words.map(({ text }) => text);
    if (event.type === 'finding') return [event.finding.evidence];
    return event.type === 'utterance' ? [event.utterance.text, ...event.utterance.words.map(({ text }) => text)] : [];
  });
  expect(shown.join(' ')).not.toMatch(/\d\W*\d\W*\d/);
  expect(server.logText).not.toMatch(/4\D?1\D?1\D?1/);
  const text = transcript.map((utterance) => utterance.text.toLowerCase()).join(' ');
  expect(text).not.toMatch(/\b(four one one|one one one|seven,? three|three nine)\b/);
  expect(text).toContain('[card]');
  const { items } = await server.json<{ items: Redaction[] }>(`/api/v1/calls/${callId}/redactions`);
  expect(items.map(({ kind }) => kind)).toContain('card');
});

test('the recording is silent on both channels where the card and the code were said, and sounds elsewhere', async () => {
  const response = await server.get(`/api/v1/calls/${callId}/recording`);
  expect(response.headers.get('content-type')).toContain('audio/wav');
  const dir = mkdtempSync(join(tmpdir(), 'sidetone-wav-'));
  const path = join(dir, 'call.wav');
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  const { channels } = await readWav(path);
  rmSync(dir, { recursive: true });
  const [left = new Int16Array(0), right = new Int16Array(0)] = channels;
  const offsetMs = recordingOffsetMs(left, right);
  for (const { side, startMs, endMs, secretMs } of times) {
    const [own, other] = side === 'caller' ? [left, right] : [right, left];
    if (secretMs !== undefined) {
      for (const channel of [own, other]) expect(peak(channel, secretMs + offsetMs, endMs + offsetMs)).toBe(0);
    } else {
      expect(loudness(other, startMs + 300 + offsetMs, endMs - 300 + offsetMs)).toBeLessThan(20);
    }
  }
  expect(
    loudness(right, (times[0]?.startMs ?? 0) + 300 + offsetMs, (times[0]?.endMs ?? 0) - 300 + offsetMs),
  ).toBeGreaterThan(300);
});

test('search finds the refund, by words and by phrases with stop words', async () => {
  const found = async (q: string): Promise<string[]> => {
    const { items } = await server.json<{ items: { callId: string; startMs: number }[] }>(
      `/api/v1/search?q=${encodeURIComponent(q)}`,
    );
    return items.map((item) => item.callId);
  };
  expect(await found('refund')).toContain(callId);
  expect(await found('"money back"')).toContain(callId);
  expect(await found('"like a refund"')).toContain(callId);
  expect(await found('"refund a like"')).toEqual([]);
  expect(await found('aubergine')).toEqual([]);
});

test('findings, sentiment and metrics say what the call was about', async () => {
  const { items } = await server.json<{ items: Finding[] }>(`/api/v1/calls/${callId}/findings`);
  expect(items.map(({ ruleId }) => ruleId)).toContain('refund-request');
  expect(items.map(({ ruleId }) => ruleId)).not.toContain('recording-notice');
  const metrics = await server.json<CallMetrics>(`/api/v1/calls/${callId}/metrics`);
  expect(metrics.talkMs.caller).toBeGreaterThan(15_000);
  expect(metrics.talkMs.callee).toBeGreaterThan(25_000);
  expect(metrics.overtalkMs).toBeLessThan(2_000);
  const mood = (text: string): number =>
    transcript.find((each) => each.text.toLowerCase().includes(text))?.sentiment ?? 0;
  expect(mood('disappointed')).toBeLessThan(0);
  expect(mood('helpful')).toBeGreaterThan(0);
});

test('every look at the call is in the audit log, and the log is whole', async () => {
  await (await server.get(`/api/v1/calls/${callId}/recording`, { headers: { Range: 'bytes=58-16057' } })).arrayBuffer();
  const { items } = await server.json<{ items: { action: string; target: { id: string } | null }[] }>(
    `/api/v1/audit?target=${callId}&limit=200`,
  );
  const actions = new Set(items.map(({ action }) => action));
  for (const action of ['call-opened', 'transcript-read', 'recording-played']) expect(actions).toContain(action);
  const verdict = await (await server.request('POST', '/api/v1/audit/verify')).json();
  expect(verdict).toMatchObject({ intact: true, headSignature: 'valid' });
});

test('the command line searches, exports and verifies', () => {
  const sidetone = (...args: string[]): string =>
    execFileSync(join(repository, 'cli/sidetone'), args, {
      cwd: server.dir,
      encoding: 'utf8',
      env: {
        ...process.env,
        SIDETONE_DATA_DIR: join(server.dir, 'data'),
        SIDETONE_HTTP_PORT: new URL(server.url).port,
      },
    });
  const found = JSON.parse(sidetone('search', 'refund', '--json')) as { items: { callId: string }[] };
  expect(found.items.map((item) => item.callId)).toContain(callId);
  const out = join(server.dir, 'handed-over');
  sidetone('export', '--call', callId, '--out', out);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
    files: { path: string; bytes: number; sha256: string }[];
  };
  expect(manifest.files.some(({ path }) => path.endsWith('.wav'))).toBe(true);
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = readFileSync(join(out, path));
    expect(content.length).toBe(bytes);
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
  }
  expect(sidetone('audit', 'verify')).toContain('is whole');
});

test('SIGTERM to npm start drains: a call that runs goes on, a new one gets 503, then the process ends', async () => {
  const tone = Int16Array.from(
    { length: 6 * 8000 },
    (_, sample) => 6000 * Math.sin((sample * 2 * Math.PI * 300) / 8000),
  );
  let answered = (): void => undefined;
  const answer = new Promise<void>((resolve) => (answered = resolve));
  const running = callBetweenPhones({
    callerPcm: tone,
    calleePcm: tone,
    via: server.sip,
    transport: 'tcp',
    onAnswered: () => answered(),
  });
  await answer;
  server.signal('SIGTERM');
  await server.logged('draining: no new calls; a second signal ends those that run');
  const refused = callBetweenPhones({ callerPcm: tone, calleePcm: tone, via: server.sip, transport: 'udp' });
  await expect(refused).rejects.toThrow('503');
  const { packetsToCaller, packetsToCallee } = await running;
  expect(Math.min(packetsToCaller, packetsToCallee)).toBeGreaterThan(250);
  expect(await server.ended()).toBe(0);
});

/** Mean magnitude of a stretch. */
function loudness(pcm: Int16Array, startMs: number, endMs: number): number {
  const stretch = pcm.subarray(Math.max(0, startMs * 8), endMs * 8);
  return stretch.reduce((sum, sample) => sum + Math.abs(sample), 0) / Math.max(1, stretch.length);
}

function peak(pcm: Int16Array, startMs: number, endMs: number): number {
  return pcm
    .subarray(Math.max(0, startMs * 8), endMs * 8)
    .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** How much later things stand in the recording than in the script: by the first loud sample of the first turn. */
function recordingOffsetMs(left: Int16Array, right: Int16Array): number {
  const first = times[0];
  const channel = first?.side === 'caller' ? left : right;
  const onset = channel.findIndex((sample) => Math.abs(sample) > 1500) / 8;
  return onset - (first?.startMs ?? 0);
}
