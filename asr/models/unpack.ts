import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { untar } from './untar.ts';

/**
 * Unpacks a tar, a tar.gz or a tar.bz2, told apart by how they begin. For bzip2 the program of that name does the
 * unpacking; what it writes goes through our own reader all the same.
 * @throws SidetoneError `archive-refused`, `download-failed` (no room, or no bzip2)
 */
export async function unpack(archive: string, folder: string): Promise<void> {
  const begins = await firstBytes(archive);
  try {
    if (begins.subarray(0, 3).toString('latin1') === 'BZh') await unpackBzip2(archive, folder);
    else if (begins[0] === 0x1f && begins[1] === 0x8b) {
      await untar(createReadStream(archive).pipe(createGunzip()), folder);
    } else await untar(createReadStream(archive), folder);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOSPC') {
      throw new SidetoneError('download-failed', `no room on the disk of ${folder}`, { cause: thrown });
    }
    if (systemCode(thrown)?.startsWith('Z_') === true || systemCode(thrown) === 'EEXIST') {
      throw new SidetoneError('archive-refused', 'the archive is refused: it is damaged', { cause: thrown });
    }
    throw thrown;
  }
}

async function unpackBzip2(archive: string, folder: string): Promise<void> {
  const child = spawn('bzip2', ['-dc', archive], { stdio: ['ignore', 'pipe', 'ignore'] });
  // What nobody listens to when a child exits is thrown away: somebody listens from the start.
  const unpacked = child.stdout.pipe(new PassThrough());
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => undefined);
  try {
    await untar(unpacked, folder);
  } catch (thrown) {
    child.kill();
    await ended.catch((cause: unknown) => {
      if (systemCode(cause) !== 'ENOENT') return;
      throw new SidetoneError(
        'download-failed',
        'this archive needs the program bzip2: install it (apt install bzip2)',
      );
    });
    throw thrown;
  }
  const [code] = await ended;
  if (code !== 0) throw new SidetoneError('archive-refused', 'the archive is refused: bzip2 calls it damaged');
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(4);
    await file.read(bytes, 0, 4, 0);
    return bytes;
  } finally {
    await file.close();
  }
}
