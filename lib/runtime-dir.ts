import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SidetoneError } from './errors.ts';

/** sun_path holds 108 bytes with its NUL (unix(7)); this leaves room for a file name. */
const maxDirBytes = 70;

/**
 * A directory (mode 0700) for the Unix sockets of one data directory: `run` inside it, or, where that path is too long
 * for a socket, one in the system's temporary directory, named by a hash of it.
 */
export function makeRuntimeDir(dataDir: string): string {
  const inside = join(dataDir, 'run');
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const dir = Buffer.byteLength(inside) <= maxDirBytes ? inside : join(tmpdir(), `sidetone-${hash}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(dir);
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new SidetoneError(
      'data-dir-locked',
      `${dir} is another user's: start the server as that user, or chown -R the data directory`,
    );
  }
  if ((mode & 0o077) !== 0) chmodSync(dir, 0o700);
  return dir;
}
