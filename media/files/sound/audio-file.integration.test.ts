import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resample } from '#lib/audio/resample.ts';
import { toneShare } from '#lib/testing/tones.ts';
import { readAudioFile } from './audio-file.ts';

const has = (tool: string, arg: string): boolean => spawnSync(tool, [arg]).status === 0;
const ffmpegThere = has('ffmpeg', '-version');
const soxThere = has('sox', '--version');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidetone-audio-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const seconds = 3;
const mono = `aevalsrc=0.5*sin(2*PI*500*t):d=${seconds}`;
const stereo = `aevalsrc=0.5*sin(2*PI*500*t)|0.5*sin(2*PI*900*t):d=${seconds}`;

/** 16-bit samples of each channel at the file's own rate, as ffmpeg has them. */
function asFfmpeg(path: string, channels: number): Int16Array[] {
  const raw = Uint8Array.from(
    execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-'], { maxBuffer: 1 << 26 }),
  );
  const all = new Int16Array(raw.buffer);
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: all.length / channels }, (__, n) => all[n * channels + channel] as number),
  );
}

async function read(path: string): Promise<{ pcm: Int16Array[]; sampleRateHz: number; container: string }> {
  const file = await readAudioFile(path);
  const parts: Int16Array[][] = Array.from({ length: file.channels }, () => []);
  for await (const block of file.blocks) block.forEach((pcm, channel) => parts[channel]?.push(pcm));
  await file.close();
  const { sampleRateHz, container } = file;
  return { pcm: parts.map((each) => Int16Array.from(each.flatMap((pcm) => [...pcm]))), sampleRateHz, container };
}

describe.skipIf(!ffmpegThere)('files made by ffmpeg', () => {
  const lossless: readonly (readonly [string, string, readonly string[]])[] = [
    ...[6000, 8000, 11_025, 16_000, 22_050, 44_100, 48_000].flatMap(
      (rate) =>
        [
          ['wav', `${rate}`, ['-c:a', 'pcm_s16le', '-ar', `${rate}`]],
          ['flac', `${rate}`, ['-c:a', 'flac', '-ar', `${rate}`]],
        ] as const,
    ),
    ['wav', '24 bit', ['-c:a', 'pcm_s24le', '-ar', '48000']],
    ['wav', 'A-law', ['-c:a', 'pcm_alaw', '-ar', '8000']],
    ['wav', 'mu-law', ['-c:a', 'pcm_mulaw', '-ar', '8000']],
    ['wav', 'RF64', ['-c:a', 'pcm_s16le', '-ar', '8000', '-rf64', 'always']],
    ['flac', '24 bit, level 12', ['-c:a', 'flac', '-sample_fmt', 's32', '-compression_level', '12', '-ar', '44100']],
    ['flac', 'level 0', ['-c:a', 'flac', '-compression_level', '0', '-ar', '16000']],
  ];
  test.each(lossless.flatMap((each) => [1, 2].map((channels) => [...each, channels] as const)))(
    '%s, %s: sample for sample as ffmpeg (%3$i channels)',
    async (container, name, args, channels) => {
      const path = join(folder, `${name.replaceAll(' ', '')}-${channels}.${container}`);
      execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', channels === 1 ? mono : stereo, ...args, '-y', path]);
      const { pcm, sampleRateHz } = await read(path);
      const wanted = asFfmpeg(path, channels).map((each) => resample(each, sampleRateHz));
      pcm.forEach((each, channel) => {
        const error = each.map((sample, n) => Math.abs(sample - (wanted[channel]?.[n] ?? 0)));
        expect(each.length).toBe(wanted[channel]?.length);
        // Where 24 bits become 16, one rounds and the other cuts.
        expect(Math.max(...error)).toBeLessThanOrEqual(name.startsWith('24') ? 2 : 0);
      });
    },
  );

  test.each([
    ['mp3', ['-c:a', 'libmp3lame', '-b:a', '64k', '-ar', '44100']],
    ['mp3', ['-c:a', 'libmp3lame', '-q:a', '5', '-ar', '22050']],
    ['mp3', ['-c:a', 'libmp3lame', '-b:a', '24k', '-ar', '8000', '-write_xing', '0']],
    ['opus', ['-c:a', 'libopus', '-b:a', '32k']],
    ['opus', ['-c:a', 'libopus', '-b:a', '24k', '-application', 'voip', '-frame_duration', '60']],
    ['opus', ['-c:a', 'libopus', '-b:a', '64k', '-frame_duration', '2.5']],
  ])('%s %j: each channel has its tone, in its place and of its length', async (extension, args) => {
    const path = join(folder, `lossy.${extension}`);
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', stereo, ...args, '-y', path]);
    const { pcm } = await read(path);
    const padded = args.includes('-write_xing') ? 4000 : 200;
    [500, 900].forEach((hz, channel) => {
      const each = pcm[channel] as Int16Array;
      expect(Math.abs(each.length - seconds * 8000)).toBeLessThan(padded);
      expect(toneShare(each.subarray(2000, 22_000), hz)).toBeGreaterThan(0.95);
    });
  });

  test('a pipe, which cannot go back and fill in the lengths', async () => {
    const path = join(folder, 'piped.wav');
    execFileSync('sh', ['-c', `ffmpeg -v error -f lavfi -i "${mono}" -ar 8000 -f wav - > ${path}`]);
    expect((await read(path)).pcm[0]).toHaveLength(seconds * 8000);
  });
});

describe.skipIf(!soxThere)('files made by sox', () => {
  test.each([
    ['wav', ['-b', '8', '-e', 'unsigned-integer']],
    ['wav', ['-b', '32', '-e', 'signed-integer']],
    ['wav', ['-b', '32', '-e', 'floating-point']],
    ['wav', ['-b', '64', '-e', 'floating-point']],
    ['wav', ['-e', 'a-law']],
    ['flac', ['-b', '24', '-C', '8']],
    ['flac', ['-b', '8']],
  ])('%s %j', async (extension, args) => {
    const path = join(folder, `sox.${extension}`);
    execFileSync('sox', [
      '-n',
      '-r',
      '32000',
      '-c',
      '2',
      ...args,
      path,
      'synth',
      '2',
      'sine',
      '500',
      'sine',
      '900',
      'gain',
      '-6',
    ]);
    const { pcm } = await read(path);
    expect(pcm.map((each) => each.length)).toEqual([16_000, 16_000]);
    [500, 900].forEach((hz, channel) => {
      expect(toneShare((pcm[channel] as Int16Array).subarray(800, 15_200), hz)).toBeGreaterThan(0.99);
    });
  });
});

describe.skipIf(!ffmpegThere)('an hour of two channels', () => {
  test('comes in blocks of a second', async () => {
    const path = join(folder, 'hour.wav');
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=stereo:d=3600', '-y', path]);
    const file = await readAudioFile(path);
    let samples = 0;
    let mostBytes = 0;
    for await (const [left] of file.blocks) {
      samples += left?.length ?? 0;
      mostBytes = Math.max(mostBytes, left?.byteLength ?? 0);
    }
    await file.close();
    expect(samples).toBe(3600 * 8000);
    expect(mostBytes).toBeLessThan(100_000);
  });
});
