import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { G722Encoder } from './g722-encoder.ts';
import { G722Decoder } from './g722.ts';

const has = (tool: string, ...args: string[]): boolean => spawnSync(tool, args).status === 0;
const ffmpegThere = has('ffmpeg', '-version');
const speechThere = has('espeak-ng', '--version');

function ffmpeg(args: readonly string[], input: Uint8Array = new Uint8Array(0)): Uint8Array {
  return execFileSync('ffmpeg', ['-v', 'error', ...args, '-'], { input, maxBuffer: 1 << 26 });
}
const generated = (filter: string): Uint8Array => ffmpeg(['-f', 'lavfi', '-i', filter, '-f', 's16le']);

const sounds: readonly (readonly [string, boolean, () => Uint8Array])[] = [
  ['loud noise', true, () => generated('anoisesrc=r=16000:d=4:a=0.9:seed=7')],
  ['quiet noise', true, () => generated('anoisesrc=r=16000:d=4:a=0.001:seed=8')],
  ['a sweep to 8 kHz', true, () => generated('aevalsrc=0.95*sin(2*PI*t*(100+1000*t)):s=16000:d=4')],
  ['steps of a square', true, () => generated('aevalsrc=sgn(sin(2*PI*t*50))*mod(t\\,1):s=16000:d=4')],
  [
    'speech',
    speechThere,
    () => {
      const wav = execFileSync('espeak-ng', ['--stdout', 'She sells six sea shells, forty five fish, and a pot.']);
      return ffmpeg(['-i', '-', '-ar', '16000', '-ac', '1', '-f', 's16le'], wav);
    },
  ],
];

describe.skipIf(!ffmpegThere)('bit for bit as ffmpeg', () => {
  test.each(sounds.filter(([, there]) => there))('%s', (_, __, make) => {
    const raw = Uint8Array.from(make());
    const pcm = new Int16Array(raw.buffer, 0, raw.length >> 1);
    const codes = ffmpeg(['-f', 's16le', '-ar', '16000', '-ac', '1', '-i', '-', '-c:a', 'g722', '-f', 'g722'], raw);
    expect(Buffer.compare(new G722Encoder().encode(pcm), codes.subarray(0, pcm.length >> 1))).toBe(0);
    expect(ours(codes)).toEqual(theirs(codes));
  });

  test('codes that no encoder makes', () => {
    const codes = randomBytes(60_000);
    expect(ours(codes)).toEqual(theirs(codes));
  });
});

function theirs(codes: Uint8Array): Int16Array {
  const raw = Uint8Array.from(ffmpeg(['-f', 'g722', '-i', '-', '-f', 's16le'], codes));
  return new Int16Array(raw.buffer);
}

function ours(codes: Uint8Array): Int16Array {
  const pcm = new Int16Array(2 * codes.length);
  new G722Decoder().decode(codes, 0, codes.length, pcm);
  return pcm;
}
