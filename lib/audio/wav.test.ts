import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeG711, encodeG711 } from './g711.ts';
import { wavHeader, wavHeaderBytes } from './wav-format.ts';
import { readWav } from './wav.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidetone-wav-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const left = Int16Array.from({ length: 140_001 }, (_, n) => (n * 37) % 30_000);
const right = left.map((sample) => -sample);

describe.each(['pcm16', 'pcmu', 'pcma'] as const)('%s', (encoding) => {
  test('two channels, longer than one block of the reader', async () => {
    const path = join(folder, 'a.wav');
    const both = Int16Array.from({ length: 2 * left.length }, (_, n) => (n % 2 === 0 ? left : right)[n >> 1] ?? 0);
    const bytes = encoding === 'pcm16' ? new Uint8Array(both.buffer) : encodeG711(encoding, both);
    await writeFile(
      path,
      Buffer.concat([wavHeader({ encoding, sampleRateHz: 8000, channels: 2 }, bytes.length), bytes]),
    );
    const expected = (pcm: Int16Array): Int16Array =>
      encoding === 'pcm16' ? pcm : decodeG711(encoding, encodeG711(encoding, pcm));
    expect(await readWav(path)).toEqual({ sampleRateHz: 8000, channels: [expected(left), expected(right)] });
  });
});

test('other chunks before the samples are skipped, odd ones by their padding', async () => {
  const path = join(folder, 'list.wav');
  const header = wavHeader({ encoding: 'pcm16', sampleRateHz: 16_000, channels: 1 }, 4);
  const list = Buffer.from('LIST\u0003\0\0\0abc\0', 'latin1');
  await writeFile(
    path,
    Buffer.concat([header.subarray(0, 50), list, header.subarray(50), Buffer.from([1, 0, 255, 255])]),
  );
  expect(await readWav(path)).toEqual({ sampleRateHz: 16_000, channels: [Int16Array.of(1, -1)] });
});

test('a header that promises more than the file holds is read to the last whole frame', async () => {
  const path = join(folder, 'cut.wav');
  await writeFile(
    path,
    Buffer.concat([wavHeader({ encoding: 'pcm16', sampleRateHz: 8000, channels: 2 }, 800), Buffer.alloc(11)]),
  );
  expect((await readWav(path)).channels.map((channel) => channel.length)).toEqual([2, 2]);
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['text', Buffer.from('this is certainly no sound file at all')],
  [
    'header alone, cut',
    wavHeader({ encoding: 'pcm16', sampleRateHz: 8000, channels: 2 }, 0).subarray(0, wavHeaderBytes - 9),
  ],
])('%s is refused as unsupported audio', async (_, bytes) => {
  const path = join(folder, 'bad.wav');
  await writeFile(path, bytes);
  await expect(readWav(path)).rejects.toMatchObject({ code: 'unsupported-audio' });
});
