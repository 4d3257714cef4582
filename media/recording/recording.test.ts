import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import type { RecordPolicy } from '#sip/types.ts';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { readWav } from '#lib/audio/wav.ts';
import { AudioMemory, blockSamples } from '../timeline/audio-memory.ts';
import { tone } from '#lib/testing/tones.ts';
import { peaksPathOf, recordingPath } from './paths.ts';
import type { PeaksFile } from './peaks.ts';
import { recoverRecordings } from './recover.ts';
import { Recorder } from './recorder.ts';
import { redactRecording, removeRecording, sealRecording } from './seal.ts';
import { storyPathOf } from './story.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sidetone-recording-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

const path = recordingPath('call-1', Date.UTC(2026, 0, 2)) ?? '';
const caller = tone(440, 10 * blockSamples, 12_000);
const callee = tone(620, 10 * blockSamples, 6000);
const companded = (pcm: Int16Array): Int16Array => decodeG711('pcmu', encodeG711('pcmu', pcm));

function bench(policy: RecordPolicy = 'redacted-only'): {
  recorder: Recorder;
  memory: AudioMemory;
  failures: string[];
} {
  const memory = new AudioMemory();
  memory.sides.push({ side: 'caller', fromSample: 0 }, { side: 'callee', fromSample: 0 });
  const failures: string[] = [];
  const recorder = new Recorder({
    memory,
    policy,
    path: join(dataDir, path),
    onFailure: (failure) => failures.push(failure),
  });
  for (let at = 0; at < caller.length; at += blockSamples) {
    const pcm = memory.take(2);
    pcm.set(caller.subarray(at, at + blockSamples));
    pcm.set(callee.subarray(at, at + blockSamples), blockSamples);
    memory.append(pcm, blockSamples);
  }
  return { recorder, memory, failures };
}

async function channels(): Promise<readonly [Int16Array, Int16Array]> {
  const [left, right] = (await readWav(join(dataDir, path))).channels;
  return [left ?? new Int16Array(0), right ?? new Int16Array(0)];
}

async function peaks(): Promise<PeaksFile> {
  return JSON.parse(await readFile(join(dataDir, peaksPathOf(path)), 'utf8')) as PeaksFile;
}

test('paths are by UTC day, and an id that could leave the folder has none', () => {
  expect(path).toBe('recordings/2026/01/02/call-1.wav');
  expect(recordingPath('../etc/passwd', 0)).toBeUndefined();
});

describe('behind the mark', () => {
  test('nothing is on disk before the first release, and nothing past the mark after it', async () => {
    const { recorder } = bench();
    recorder.advance();
    recorder.silence({ startSample: 0, endSample: 10 });
    expect((await recorder.flushed()).samples).toBe(0);
    await expect(stat(join(dataDir, path))).rejects.toMatchObject({ code: 'ENOENT' });
    recorder.release(2500, []);
    recorder.release(1000, []);
    expect((await recorder.flushed()).samples).toBe(2500);
    const [left, right] = await channels();
    expect(left).toEqual(companded(caller.subarray(0, 2500)).fill(0, 0, 10));
    expect(right).toEqual(companded(callee.subarray(0, 2500)).fill(0, 0, 10));
    expect((await stat(join(dataDir, path))).mode & 0o777).toBe(0o600);
    await recorder.finish();
  });

  test('silence is zero on both channels, whether it is still in memory or on disk already', async () => {
    const { recorder } = bench();
    recorder.release(4000, [{ startSample: 1000, endSample: 1500 }]);
    await recorder.flushed();
    recorder.silence({ startSample: 3500, endSample: 4500 });
    recorder.release(Infinity, []);
    const written = await recorder.finish();
    expect(written.silenced).toEqual([
      { startSample: 1000, endSample: 1500 },
      { startSample: 3500, endSample: 4500 },
    ]);
    for (const [channel, sound] of [
      [0, caller],
      [1, callee],
    ] as const) {
      const expected = companded(sound);
      expected.fill(0, 1000, 1500).fill(0, 3500, 4500);
      expect((await channels())[channel]).toEqual(expected);
    }
  });

  test('what nobody heard is silent (redacted-only), or in clear and flagged (all), but for what is to be silent', async () => {
    for (const policy of ['redacted-only', 'all'] as const) {
      const { recorder } = bench(policy);
      recorder.release(2000, []);
      await recorder.flushed();
      recorder.unheard({ startSample: 1000, endSample: 3000 });
      recorder.unheard({ startSample: 6000, endSample: 2 ** 43 });
      recorder.release(Infinity, [{ startSample: 2500, endSample: 2600 }]);
      const written = await recorder.finish();
      const unheard = [
        { startSample: 1000, endSample: 3000 },
        { startSample: 6000, endSample: caller.length },
      ];
      expect(written.unredacted).toEqual(policy === 'all' ? unheard : []);
      const expected = companded(caller).fill(0, 2500, 2600);
      if (policy === 'redacted-only') for (const range of unheard) expected.fill(0, range.startSample, range.endSample);
      expect((await channels())[0]).toEqual(expected);
      await rm(join(dataDir, path));
    }
  });

  test('what leaves the memory unreleased is silent (redacted-only), or in clear and flagged (all)', async () => {
    for (const policy of ['redacted-only', 'all'] as const) {
      const { recorder, memory } = bench(policy);
      const oldest = memory.oldest;
      if (oldest !== undefined) recorder.letGo(oldest);
      memory.dropOldest();
      recorder.release(Infinity, []);
      const written = await recorder.finish();
      const range = [{ startSample: 0, endSample: blockSamples }];
      expect(written.silenced).toEqual(policy === 'all' ? [] : range);
      expect(written.unredacted).toEqual(policy === 'all' ? range : []);
      expect((await channels())[0].subarray(0, blockSamples).some((sample) => sample !== 0)).toBe(policy === 'all');
      await rm(join(dataDir, path));
    }
  });
});

describe('sealed', () => {
  beforeEach(async () => {
    const { recorder } = bench();
    recorder.release(Infinity, [{ startSample: 800, endSample: 1600 }]);
    await recorder.finish();
  });
  const story = { silenced: [{ startSample: 800, endSample: 1600 }], unredacted: [], failure: null };

  test('peaks are those of the samples in the file, the hash is the file', async () => {
    const report = await sealRecording(dataDir, path, story);
    const bytes = await readFile(join(dataDir, path));
    expect(report).toMatchObject({ samples: 8000, bytes: bytes.length, ...story });
    expect(report.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const file = await peaks();
    expect(file).toMatchObject({ version: 1, channels: 2, samples: 8000, samplesPerPeak: 400 });
    expect(file.peaks).toHaveLength((8000 / 400) * 4);
    expect(file.peaks.slice(8, 16)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(Math.max(...file.peaks)).toBe(Math.max(...companded(caller)) >> 8);
  });

  test('late redaction zeroes file and peaks, and adds to what was silenced before', async () => {
    const before = await sealRecording(dataDir, path, story);
    const report = await redactRecording(dataDir, 'call-1', [{ startSample: 4000, endSample: 6000 }]);
    expect(report.silenced).toEqual([...story.silenced, { startSample: 4000, endSample: 6000 }]);
    expect(report.sha256).not.toBe(before.sha256);
    const [left, right] = await channels();
    expect([...left.subarray(4000, 6000), ...right.subarray(4000, 6000)].every((sample) => sample === 0)).toBe(true);
    expect(left.length).toBe(8000);
    expect((await peaks()).peaks.slice(40, 60).every((peak) => peak === 0)).toBe(true);
  });

  test('removed with its peaks; late redaction of what is not there is told', async () => {
    await sealRecording(dataDir, path, story);
    await removeRecording(dataDir, 'call-1');
    await removeRecording(dataDir, 'call-1');
    await expect(stat(join(dataDir, peaksPathOf(path)))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(redactRecording(dataDir, 'call-1', [])).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('after a kill', () => {
  test('the file is readable as it is, and recovery gives it a true header, peaks and a hash', async () => {
    const { recorder } = bench();
    recorder.release(3000, []);
    await recorder.flushed();
    await appendFile(join(dataDir, path), Buffer.alloc(401, 0xff));
    expect((await channels())[0].length).toBe(3000);
    const [recovered, ...others] = await recoverRecordings(dataDir, silentLogger);
    expect(others).toEqual([]);
    expect(recovered).toMatchObject({ callId: 'call-1', path, samples: 3200, failure: 'server-restarted' });
    expect((await channels())[0].length).toBe(3200);
    expect((await peaks()).peaks).toHaveLength(8 * 4);
    expect(await recoverRecordings(dataDir, silentLogger)).toEqual([]);
  });

  test('silence that was noted but not written yet is made up for, and a line cut short is passed over', async () => {
    const { recorder } = bench();
    recorder.release(3000, [{ startSample: 100, endSample: 200 }]);
    await recorder.flushed();
    await appendFile(join(dataDir, storyPathOf(path)), 'silenced 1000 99999\nunredacted 0 2');
    const [recovered] = await recoverRecordings(dataDir, silentLogger);
    expect(recovered?.silenced).toEqual([
      { startSample: 100, endSample: 200 },
      { startSample: 1000, endSample: 3000 },
    ]);
    expect(recovered?.unredacted).toEqual([]);
    const [left, right] = await channels();
    for (const channel of [left, right]) expect(channel.subarray(1000).every((sample) => sample === 0)).toBe(true);
    expect(left.subarray(200, 1000)).toEqual(companded(caller.subarray(200, 1000)));
  });

  test('a file without samples is removed', async () => {
    const { recorder } = bench();
    recorder.release(3000, []);
    await recorder.flushed();
    await truncate(join(dataDir, path), 40);
    expect(await recoverRecordings(dataDir, silentLogger)).toEqual([]);
    await expect(stat(join(dataDir, path))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
