import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { readWav } from '#lib/audio/wav.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { CaptureContents, CapturedCall, CapturedItem } from '#sip/types.ts';
import { IngestBench, MemoryLedger } from '../testing/ingest-bench.ts';
import { MediaBench } from '../testing/media-bench.ts';
import { pcmuPayload, rtpPacket } from '../testing/packets.ts';
import { tinyFlac } from '../testing/tiny-sound-files.ts';
import { tone, toneShare } from '#lib/testing/tones.ts';
import type { IngestEntry } from '../types.ts';
import type { ReadCapture } from './reading.ts';

const second = 8000;
const none = new Int16Array(0);
const noCapture: ReadCapture = () => Promise.reject(new SidetoneError('unsupported-audio', 'no capture here'));

let media: MediaBench;
/** The media worker that was started last. */
let worker: Worker;
const noteWorker = (thread: Worker): void => {
  worker = thread;
};
let folder: string;
let bench: IngestBench;
let ledger: MemoryLedger;
beforeAll(async () => {
  process.once('worker', noteWorker);
  media = await MediaBench.start({ ports: '43400-43499', asrProcesses: 0 });
  folder = await mkdtemp(join(tmpdir(), 'sidetone-ingest-'));
});
afterEach(() => bench.ingest.close());
afterAll(async () => {
  await media.close();
  await rm(folder, { recursive: true });
});

/** `discardFailures`: what the removal of an interrupted call throws, the next first. */
async function start(
  readCapture = noCapture,
  kept = new MemoryLedger(),
  concurrency = 1,
  discardFailures: readonly Error[] = [],
): Promise<void> {
  ledger = kept;
  bench = new IngestBench(media, ledger, readCapture, concurrency);
  bench.discardFailures.push(...discardFailures);
  await bench.ingest.open();
  await bench.ingest.resume();
}

function wav(channels: readonly Int16Array[]): Buffer {
  const frames = Math.max(...channels.map(({ length }) => length));
  const pcm = Int16Array.from(
    { length: frames * channels.length },
    (_, n) => channels[n % channels.length]?.[Math.floor(n / channels.length)] ?? 0,
  );
  const header = wavHeader({ encoding: 'pcm16', sampleRateHz: 8000, channels: channels.length }, pcm.byteLength);
  return Buffer.concat([header, new Uint8Array(pcm.buffer)]);
}

let uploads = 0;
async function take(
  contents: readonly Uint8Array[],
  { swap = false, startedAtEpochMs = 1_700_000_000_000 } = {},
): ReturnType<IngestBench['ingest']['take']> {
  const files: { name: string; path: string }[] = [];
  for (const [index, bytes] of contents.entries()) {
    const path = join(bench.ingest.spoolDir, `upload-${++uploads}`);
    await writeFile(path, bytes);
    files.push({ name: `call-${index}.wav`, path });
  }
  return bench.ingest.take({ files, swap, startedAtEpochMs, sourceName: 'archive', phrases: ['Okonkwo'] });
}

async function over(sha256: string): Promise<IngestEntry> {
  await vi.waitFor(() => expect(ledger.entries.get(sha256)?.state).toMatch(/done|failed/), { timeout: 20_000 });
  await vi.waitFor(async () => expect(await readdir(bench.ingest.spoolDir)).toEqual([]));
  return ledger.entries.get(sha256) as IngestEntry;
}

async function recorded(callId: string): Promise<{ left: Int16Array; right: Int16Array }> {
  const { recording } = await media.event(callId, 'recording-finished');
  const [left = none, right = none] = (await readWav(join(media.dataDir, recording.path ?? ''))).channels;
  return { left, right };
}

test('two channels become caller and callee of one call, sample for sample, at the time that was given', async () => {
  await start();
  const [low, high] = [tone(440, 20 * second), tone(620, 20 * second)];
  const seen: IngestEntry[] = [];
  bench.ingest.subscribe((entry) => seen.push(entry));
  const { entry, isNew } = await take([wav([low, high])]);
  expect(isNew).toBe(true);
  expect(entry).toMatchObject({ state: 'waiting', durationMs: 20_000, names: ['call-0.wav'] });
  const [callId = ''] = entry.callIds;
  const done = await over(entry.sha256);
  expect(done).toMatchObject({ state: 'done', doneMs: 20_000, fault: null, callIds: [callId] });
  expect(done.hoursPerHour).toBeGreaterThan(1);
  expect(seen.map(({ doneMs }) => doneMs)).toEqual(seen.map(({ doneMs }) => doneMs).toSorted((a, b) => a - b));
  const call = bench.calls.get(callId);
  expect(call?.begun).toMatchObject({ source: 'ingest', sourceName: 'archive', fileEpochMs: 1_700_000_000_000 });
  expect(call?.begun.phrases).toEqual(['Okonkwo']);
  expect(call?.begun.parties.map(({ side }) => side)).toEqual(['caller', 'callee']);
  expect(call?.answeredAtEpochMs).toBe(1_700_000_000_000);
  expect(call?.ended).toEqual({ reason: 'file-ended', atEpochMs: 1_700_000_020_000 });
  const { left, right } = await recorded(callId);
  expect([left.length, right.length]).toEqual([20 * second, 20 * second]);
  for (let at = 0; at < 20; at += 5) {
    expect(toneShare(left.subarray(at * second, (at + 5) * second), 440)).toBeGreaterThan(0.99);
    expect(toneShare(right.subarray(at * second, (at + 5) * second), 620)).toBeGreaterThan(0.99);
  }
});

test('the same content again answers with the call that is there, also while it runs and under another name', async () => {
  await start();
  const file = wav([tone(440, 3 * second)]);
  const [first, twin] = await Promise.all([take([file]), take([file])]);
  expect(first.isNew).not.toBe(twin.isNew);
  expect(twin.entry.callIds).toEqual(first.entry.callIds);
  await over(first.entry.sha256);
  const again = await take([file]);
  expect(again).toMatchObject({ isNew: false, entry: { callIds: first.entry.callIds, state: 'done' } });
  expect(bench.calls.size).toBe(1);
  expect(await readdir(bench.ingest.spoolDir)).toEqual([]);
});

test('one channel is all that was said: mixed', async () => {
  await start();
  const { entry } = await take([wav([tone(440, 2 * second)])]);
  await over(entry.sha256);
  expect(bench.calls.get(entry.callIds[0] ?? '')?.begun.parties.map(({ side }) => side)).toEqual(['mixed']);
});

test('a pair of files is one call; swapped, the first is the callee; the shorter goes on in silence', async () => {
  await start();
  const [short, long] = [wav([tone(440, 2 * second)]), wav([tone(620, Math.round(4.5 * second))])];
  const { entry } = await take([short, long], { swap: true });
  expect(entry).toMatchObject({ durationMs: 4500, names: ['call-0.wav', 'call-1.wav'] });
  await over(entry.sha256);
  const { left, right } = await recorded(entry.callIds[0] ?? '');
  expect([left.length, right.length]).toEqual([4.5 * second, 4.5 * second]);
  expect(toneShare(left, 620)).toBeGreaterThan(0.99);
  expect(toneShare(right.subarray(0, 2 * second), 440)).toBeGreaterThan(0.99);
  expect(right.subarray(2 * second + 480).every((sample) => sample === 0)).toBe(true);
  expect((await take([long, short])).isNew).toBe(false);
});

test('what is broken, or no pair, is refused with the place before any call is begun; nothing is left of it', async () => {
  await start();
  const damaged = Uint8Array.from(tinyFlac);
  damaged[1200] = (damaged[1200] as number) ^ 1;
  await expect(take([damaged])).rejects.toMatchObject({ code: 'unsupported-audio', atMs: 64 });
  await expect(take([Buffer.from('no sound at all')])).rejects.toMatchObject({
    code: 'unsupported-audio',
    offsetBytes: 0,
  });
  await expect(take([wav([none])])).rejects.toMatchObject({ code: 'unsupported-audio' });
  const both = wav([tone(440, second), tone(620, second)]);
  await expect(take([both, both])).rejects.toMatchObject({ code: 'bad-request' });
  await expect(take([])).rejects.toMatchObject({ code: 'bad-request' });
  const elsewhere = {
    files: [{ name: 'a', path: '/etc/passwd' }],
    swap: false,
    startedAtEpochMs: null,
    sourceName: 'a',
  };
  await expect(bench.ingest.take(elsewhere)).rejects.toMatchObject({ code: 'bad-request' });
  expect(bench.calls.size + ledger.entries.size).toBe(0);
  expect(await readdir(bench.ingest.spoolDir)).toEqual([]);
});

test('a server that stops ends the call, and the next plays it anew from the start under the same id', async () => {
  const kept = new MemoryLedger();
  await start(noCapture, kept);
  const { entry } = await take([wav([tone(440, 600 * second), tone(620, 600 * second)])]);
  const [callId = ''] = entry.callIds;
  await vi.waitFor(async () => expect((await bench.ingest.find(entry.sha256))?.doneMs).toBeGreaterThan(1000));
  await bench.ingest.close();
  expect(bench.calls.get(callId)?.ended?.reason).toBe('server-draining');
  expect(kept.entries.get(entry.sha256)?.state).toBe('running');
  await expect(take([wav([none])])).rejects.toMatchObject({ code: 'server-draining' });
  await writeFile(join(bench.ingest.spoolDir, 'of-an-upload-that-was-cut-off'), 'x');
  await media.event(callId, 'recording-finished');

  await start(noCapture, kept, 1, [new SidetoneError('database-unavailable', 'gone for now')]);
  expect(await readdir(bench.ingest.spoolDir)).toEqual(entry.spooled);
  expect((await over(entry.sha256)).callIds).toEqual([callId]);
  expect(bench.discarded).toEqual([callId]);
  expect(bench.calls.get(callId)?.ended).toMatchObject({ reason: 'file-ended' });
});

test('a file that is gone when the server comes back is a failure, and can be handed in again', async () => {
  const kept = new MemoryLedger();
  await start(noCapture, kept);
  const file = wav([tone(440, second)]);
  const { entry } = await take([file]);
  await over(entry.sha256);
  await bench.ingest.close();
  kept.entries.set(entry.sha256, { ...entry, state: 'running', spooled: ['gone'] });
  await start(noCapture, kept);
  const failed = await over(entry.sha256);
  expect(failed).toMatchObject({ state: 'failed', fault: expect.stringContaining('ENOENT') as string });
  const again = await take([file]);
  expect(again.isNew).toBe(true);
  expect((await over(entry.sha256)).state).toBe('done');
});

test('a full house is asked again; a call that the house ends is a failure with its reason', async () => {
  await start();
  bench.refusals.push(new SidetoneError('at-capacity', 'full'));
  const { entry } = await take([wav([tone(440, 600 * second)])]);
  await vi.waitFor(() => expect(bench.calls.size).toBe(1), { timeout: 5000 });
  bench.calls.get(entry.callIds[0] ?? '')?.want('max-duration');
  expect(await over(entry.sha256)).toMatchObject({ state: 'failed', fault: 'ended early: max-duration' });
});

test('a media thread that dies fails no file: it is played anew from its start, under its id', async () => {
  await start();
  const sound = tone(440, 600 * second);
  const { entry } = await take([wav([sound])]);
  const [callId = ''] = entry.callIds;
  const seen: IngestEntry[] = [];
  bench.ingest.subscribe((changed) => seen.push(changed));
  await vi.waitFor(async () => expect((await bench.ingest.find(entry.sha256))?.doneMs).toBeGreaterThan(1000));
  const first = bench.calls.get(callId);
  await worker.terminate();
  const done = await over(entry.sha256);
  expect(done).toMatchObject({ state: 'done', fault: null, callIds: [callId], doneMs: 600_000 });
  expect(seen).toContainEqual(expect.objectContaining({ state: 'waiting', doneMs: 0, spooled: entry.spooled }));
  expect([first?.ended?.reason, bench.calls.get(callId)?.ended?.reason]).toEqual(['media-failed', 'file-ended']);
  expect(bench.discarded).toEqual([callId]);
  const { recording } = media.of(callId, 'recording-finished').at(-1) ?? {};
  expect(recording).toMatchObject({ samples: 600 * second, failure: null });
});

test('what fails by the house again and again is given up, with the reason', async () => {
  await start();
  const { entry } = await take([wav([tone(440, 600 * second)])]);
  const [callId = ''] = entry.callIds;
  const seen = new Set<unknown>([undefined]);
  for (let n = 1; n <= 3; n++) {
    await vi.waitFor(() => expect(seen.has(bench.calls.get(callId))).toBe(false), { timeout: 5000 });
    const call = bench.calls.get(callId);
    seen.add(call);
    call?.want('media-failed');
  }
  expect(await over(entry.sha256)).toMatchObject({
    state: 'failed',
    fault: 'given up after 3 attempts: the media of its call failed',
  });
  expect(bench.discarded).toEqual([callId, callId]);
});

test('a server that stops while a file waits to be tried again leaves it to the next', async () => {
  const kept = new MemoryLedger();
  await start(noCapture, kept);
  const { entry } = await take([wav([tone(440, 600 * second)])]);
  const [callId = ''] = entry.callIds;
  await vi.waitFor(() => expect(bench.calls.get(callId)).toBeDefined());
  bench.calls.get(callId)?.want('media-failed');
  await vi.waitFor(async () => expect((await bench.ingest.find(entry.sha256))?.state).toBe('waiting'));
  await bench.ingest.close();
  expect(kept.entries.get(entry.sha256)).toMatchObject({ state: 'waiting', spooled: entry.spooled });
  await start(noCapture, kept);
  expect(await over(entry.sha256)).toMatchObject({ state: 'done', callIds: [callId] });
});

test('a database that is away for a while is no failure; without one nothing is taken', async () => {
  await start();
  const { entry } = await take([wav([tone(440, 30 * second)])]);
  ledger.failures = 2;
  expect(await over(entry.sha256)).toMatchObject({ state: 'done', fault: null });
  ledger.failures = 1;
  await expect(take([wav([tone(880, second)])])).rejects.toMatchObject({ code: 'database-unavailable' });
  expect(await readdir(bench.ingest.spoolDir)).toEqual([]);
  expect(bench.calls.size).toBe(1);
});

test('a capture becomes as many calls as are in it, each with its times, packets and notes', async () => {
  const calls = [440, 880].map((hz, index) => capturedCall(hz, 1_600_000_000_000 + index * 60_000));
  const contents: CaptureContents = { calls, counts: {} as CaptureContents['counts'] };
  await start(() => Promise.resolve(contents));
  const { entry } = await take([Buffer.from('d4c3b2a1', 'hex')]);
  expect(entry.callIds).toHaveLength(2);
  expect(await over(entry.sha256)).toMatchObject({ state: 'done', durationMs: 6000 });
  for (const [index, hz] of [440, 880].entries()) {
    const call = bench.calls.get(entry.callIds[index] ?? '');
    const startedMs = 1_600_000_000_000 + index * 60_000;
    expect(call?.begun).toMatchObject({ fileEpochMs: startedMs, sipCallIds: [`${hz}@pbx`] });
    expect(call).toMatchObject({
      answeredAtEpochMs: startedMs + 500,
      notes: ['mid-call-start'],
      ended: { reason: 'caller-hung-up', atEpochMs: startedMs + 3000 },
    });
    const { left } = await recorded(entry.callIds[index] ?? '');
    expect(toneShare(left.subarray(800, 6000), hz)).toBeGreaterThan(0.95);
    // As they stand in the capture: a key is over when it is told of.
    const [key] = media.of(entry.callIds[index] ?? '', 'dtmf');
    expect((key?.endSample ?? 0) / second).toBeCloseTo(1, 1);
    const holds = media.of(entry.callIds[index] ?? '', 'hold').map(({ sample, holding }) => [sample / second, holding]);
    expect(holds).toEqual([
      [expect.closeTo(1.5, 1), true],
      [expect.closeTo(2, 1), false],
    ]);
  }
});

/** Two seconds of sound, half a second after it began; a key by INFO and half a second of hold in them. */
function capturedCall(hz: number, startedEpochMs: number): CapturedCall {
  const sound = tone(hz, 2 * second);
  const items: CapturedItem[] = Array.from({ length: 100 }, (_, n) => ({
    type: 'rtp',
    side: 'caller',
    atEpochMs: startedEpochMs + 500 + 20 * n,
    bytes: Uint8Array.from(
      rtpPacket({ sequence: n, timestamp: 160 * n, payload: pcmuPayload(sound.subarray(160 * n, 160 * n + 160)) }),
    ),
  }));
  items.splice(50, 0, { type: 'key', side: 'caller', atEpochMs: startedEpochMs + 1500, durationMs: 200 });
  items.splice(76, 0, { type: 'hold', side: 'caller', atEpochMs: startedEpochMs + 2000, holding: true });
  items.push({ type: 'hold', side: 'caller', atEpochMs: startedEpochMs + 2500, holding: false });
  return {
    sipCallIds: [`${hz}@pbx`],
    parties: [],
    headers: {},
    startedEpochMs,
    answeredEpochMs: startedEpochMs + 500,
    endedEpochMs: startedEpochMs + 3000,
    termination: { result: 'completed', reason: 'caller-hung-up', sipStatus: null },
    streams: [
      {
        side: 'caller',
        formats: [{ payloadType: 0, carries: 'pcmu', clockRateHz: 8000 }],
        packets: 100,
        unknownPackets: 0,
        firstEpochMs: startedEpochMs + 500,
        lastEpochMs: startedEpochMs + 2500,
      },
    ],
    notes: ['mid-call-start'],
    items: async function* () {
      yield* items;
    },
  };
}
