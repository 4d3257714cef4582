import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type Law, decodeG711, encodeG711, silenceCode, translationTable } from './g711.ts';

const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);
const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
const laws: readonly Law[] = ['pcmu', 'pcma'];
const soxEncoding = { pcmu: 'u-law', pcma: 'a-law' } as const;
const hasSox = spawnSync('sox', ['--version']).status === 0;
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

function bytesOf(pcm: Int16Array): Buffer {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of what sox 14.4.2 writes for the same inputs, so that a machine without sox checks the same thing. */
const golden = {
  pcmu: {
    encoded: 'cd03795221187036041e2c68724ebbcc497e1844823ff4ab4ac6e61bc5948fb3',
    decoded: '3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827',
  },
  pcma: {
    encoded: '9ad77510792fe7c8192acff6bf30d3fe660e5644727b703881516fa61dbabdeb',
    decoded: 'e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174',
  },
} as const;

describe.each(laws)('%s', (law) => {
  test('all 256 codes and all 65,536 samples are those of the golden hashes', () => {
    expect(sha256(bytesOf(decodeG711(law, everyCode)))).toBe(golden[law].decoded);
    expect(sha256(encodeG711(law, everySample))).toBe(golden[law].encoded);
  });

  test.skipIf(!hasSox)('equals sox, sample by sample', () => {
    const raw = ['-t', 'raw', '-r', '8000', '-c', '1'];
    const pcm = [...raw, '-e', 'signed', '-b', '16', '-'];
    const companded = [...raw, '-e', soxEncoding[law], '-b', '8', '-'];
    const encoded = spawnSync('sox', ['-D', '-V1', ...pcm, ...companded], { input: bytesOf(everySample) }).stdout;
    const decoded = spawnSync('sox', ['-D', '-V1', ...companded, ...pcm], { input: everyCode }).stdout;
    expect(encoded.equals(encodeG711(law, everySample))).toBe(true);
    expect(decoded.equals(bytesOf(decodeG711(law, everyCode)))).toBe(true);
  });

  test.skipIf(!hasFfmpeg)('decodes as ffmpeg does', () => {
    const format = law === 'pcmu' ? 'mulaw' : 'alaw';
    const decoded = spawnSync(
      'ffmpeg',
      ['-v', 'error', '-f', format, '-ar', '8000', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'],
      { input: everyCode },
    ).stdout;
    expect(decoded.equals(bytesOf(decodeG711(law, everyCode)))).toBe(true);
  });

  test('translates from the other law as decoding and encoding again would', () => {
    const other: Law = law === 'pcmu' ? 'pcma' : 'pcmu';
    expect([...translationTable(law)]).toEqual([...encodeG711(law, decodeG711(other, everyCode))]);
  });

  test('silence is the code nearest to zero', () => {
    expect(encodeG711(law, Int16Array.of(0))[0]).toBe(silenceCode[law]);
  });
});

test('decodes into the array it is given and returns just what it filled', () => {
  const into = new Int16Array(10).fill(7);
  const filled = decodeG711('pcmu', Uint8Array.of(0x00, 0xff), into);
  expect([...filled]).toEqual([-32_124, 0]);
  expect(filled.buffer).toBe(into.buffer);
  expect(into[2]).toBe(7);
});
