import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { ToneDetector } from './tone-detector.ts';

/** Hours of people reading, where the folder with them is there: those who sound most like keys. */
const speech = resolve(import.meta.dirname, '../../../shared/speech');
const corpora = ['ljspeech_part', 'librispeech_tc100_sample', 'librispeech_resemblyzer'];
const missing =
  corpora.find((corpus) => !existsSync(join(speech, corpus))) ??
  (spawnSync('ffmpeg', ['-version']).error === undefined ? undefined : 'ffmpeg');

test.skipIf(missing !== undefined)('speech is taken for a key once in 20 minutes at most', { timeout: 300_000 }, () => {
  let minutes = 0;
  let keys = 0;
  for (const corpus of corpora) {
    const folder = join(speech, corpus);
    const pcm = decodeFolder(folder);
    let endSample = -1;
    const detector = new ToneDetector({
      tones: (start, end) => {
        if (start > endSample) keys += 1;
        endSample = end;
      },
    });
    for (let at = 0; at < pcm.length; at += 8000) {
      const heard = decodeG711('pcmu', encodeG711('pcmu', pcm.subarray(at, at + 8000)));
      detector.push(heard, 0, heard.length);
    }
    minutes += pcm.length / 8000 / 60;
  }
  expect(minutes).toBeGreaterThan(200);
  expect(keys, `of ${Math.round(minutes)} minutes`).toBeLessThan(minutes / 20);
});

function decodeFolder(folder: string): Int16Array {
  const list = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.opus'))
    .sort()
    .map((name) => `file 'file:${join(folder, name)}'`)
    .join('\n');
  const args = '-v error -protocol_whitelist file,pipe -f concat -safe 0 -i - -f s16le -ar 8000 -ac 1 -'.split(' ');
  const { status, stdout } = spawnSync('ffmpeg', args, { input: list, maxBuffer: 2 ** 30 });
  expect(status).toBe(0);
  return new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
}
