import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasCode } from '#lib/errors.ts';
import { untar } from './untar.ts';

const hasTar = spawnSync('tar', ['--version']).error === undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidetone-untar-'));
  mkdirSync(join(folder, 'in'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const pack = (format: string): Buffer =>
  execFileSync('tar', ['-cf', '-', `--format=${format}`, '-C', folder, 'in'], { maxBuffer: 1 << 24 });

test.skipIf(!hasTar).each(['ustar', 'gnu', 'pax'])('%s comes out as it went in, however it is cut', async (format) => {
  // ustar splits a path in two at a slash; the others write a header of its own for it.
  const deep = join('in', 'a'.repeat(90), 'b'.repeat(90));
  mkdirSync(join(folder, deep), { recursive: true });
  writeFileSync(join(folder, deep, 'one.txt'), 'one');
  writeFileSync(join(folder, 'in', 'empty'), '');
  writeFileSync(join(folder, 'in', 'blocks'), Buffer.alloc(1536, 7));
  for (const size of [1, 511, 10_240]) {
    const out = join(folder, `out-${size}`);
    await untar(pieces(pack(format), size), out);
    expect(readFileSync(join(out, deep, 'one.txt'), 'utf8')).toBe('one');
    expect(readFileSync(join(out, 'in', 'blocks'))).toEqual(Buffer.alloc(1536, 7));
    expect(readdirSync(join(out, 'in')).sort()).toEqual(['a'.repeat(90), 'blocks', 'empty']);
  }
});

test.skipIf(!hasTar)('one that is cut short, flipped or names a file twice is refused', async () => {
  writeFileSync(join(folder, 'in', 'one.txt'), 'one');
  const whole = pack('gnu');
  const refused = (error: unknown): boolean => hasCode(error, 'archive-refused');
  await expect(untar(pieces(whole.subarray(0, 1300), 512), join(folder, 'a'))).rejects.toSatisfy(refused);
  const flipped = Buffer.from(whole);
  flipped[600] = (flipped[600] ?? 0) ^ 1;
  await expect(untar(pieces(flipped, 512), join(folder, 'b'))).rejects.toSatisfy(refused);
  await expect(untar(pieces(Buffer.alloc(1024), 512), join(folder, 'c'))).rejects.toSatisfy(refused);
  // A folder, then the file and its block, twice.
  const twice = Buffer.concat([whole.subarray(0, 1536), whole.subarray(512)]);
  await expect(untar(pieces(twice, 512), join(folder, 'd'))).rejects.toThrow(/EEXIST/);
});
