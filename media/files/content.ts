import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** First four bytes of pcap (either byte order, microseconds or nanoseconds) and of pcapng. */
const captureMagics = new Set(['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a']);

export async function isCapture(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && captureMagics.has(buffer.toString('hex'));
  } finally {
    await file.close();
  }
}

/** One name for what was handed in: a file's own hash; of a pair that of both, whichever comes first. */
export function contentHash(hashes: readonly string[]): string {
  const [only] = hashes;
  if (hashes.length === 1 && only !== undefined) return only;
  return createHash('sha256').update(hashes.toSorted().join('\n')).digest('hex');
}
