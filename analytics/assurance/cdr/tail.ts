import { createHash } from 'node:crypto';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '#lib/errors.ts';
import type { CdrFilePosition } from '#analytics/types.ts';

/** How far a file has been read, as far as its bytes go. */
export type TailPosition = Pick<CdrFilePosition, 'headBytes' | 'headSha256' | 'offsetBytes' | 'lines'>;

export interface TailChunk {
  /** The file began anew (it was rotated or cut) before this chunk. */
  readonly anew: boolean;
  /** Without their ends; a line too long to be one is empty. */
  readonly lines: readonly string[];
  /** After the chunk. */
  readonly position: TailPosition;
}

const chunkBytes = 256 * 1024;
/** A file is known by so much of its beginning. */
const headLimitBytes = 1024;
const lineFeed = 0x0a;

export const beginning: TailPosition = { headBytes: 0, headSha256: '', offsetBytes: 0, lines: 0 };

/**
 * What a growing file has got since `position`, whole lines only. A file that no longer begins as it did is another one:
 * what was left of the earlier one is read first where it still lies beside it (`Master.csv.1`), then the new one from its
 * beginning. A file without a line feed at its end is waited for unless `still`.
 * @throws what the file system says; a file that is not there has nothing
 */
export async function* readOn(path: string, position: TailPosition, still: boolean): AsyncGenerator<TailChunk> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    if (size >= position.offsetBytes && (await beginsAs(file, position))) {
      yield* readLines(file, position, still);
      return;
    }
    const rest = await findRotated(path, position);
    if (rest !== undefined) {
      try {
        yield* readLines(rest, position, true);
      } finally {
        await rest.close();
      }
    }
    yield { anew: true, lines: [], position: beginning };
    yield* readLines(file, beginning, still);
  } finally {
    await file.close();
  }
}

async function* readLines(file: FileHandle, from: TailPosition, toTheEnd: boolean): AsyncGenerator<TailChunk> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let position = from;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position.offsetBytes);
    if (bytesRead === 0) return;
    const isFull = bytesRead === chunkBytes;
    const end = buffer.lastIndexOf(lineFeed, bytesRead - 1) + 1;
    let taken = end;
    let lines: readonly string[] = buffer.toString('utf8', 0, Math.max(end - 1, 0)).split('\n');
    if (end === 0 && isFull) {
      // Nobody's CDR is 256 KiB long: passed over, and counted as the bad line that it is.
      taken = bytesRead;
      lines = [''];
    } else if (!isFull && toTheEnd && end < bytesRead) {
      taken = bytesRead;
      lines = [...(end === 0 ? [] : lines), buffer.toString('utf8', end, bytesRead)];
    } else if (end === 0) return;
    const offsetBytes = position.offsetBytes + taken;
    position = { ...(await headOf(file, position, offsetBytes)), offsetBytes, lines: position.lines + lines.length };
    yield { anew: false, lines, position };
    if (!isFull) return;
  }
}

async function headOf(
  file: FileHandle,
  { headBytes, headSha256 }: TailPosition,
  offsetBytes: number,
): Promise<Pick<TailPosition, 'headBytes' | 'headSha256'>> {
  if (headBytes === headLimitBytes) return { headBytes, headSha256 };
  const grown = Math.min(headLimitBytes, offsetBytes);
  return { headBytes: grown, headSha256: await hashOfHead(file, grown) };
}

async function beginsAs(file: FileHandle, { headBytes, headSha256 }: TailPosition): Promise<boolean> {
  return headBytes === 0 || (await hashOfHead(file, headBytes)) === headSha256;
}

async function hashOfHead(file: FileHandle, bytes: number): Promise<string> {
  const head = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(head, 0, bytes, 0);
  return createHash('sha256').update(head.subarray(0, bytesRead)).digest('hex');
}

/** Log rotation keeps the file beside the new one, its name with something added. */
async function findRotated(path: string, position: TailPosition): Promise<FileHandle | undefined> {
  if (position.headBytes === 0) return undefined;
  const folder = dirname(path);
  const prefix = basename(path);
  for (const name of await readdir(folder)) {
    if (name === prefix || !name.startsWith(prefix)) continue;
    const file = await openIfThere(join(folder, name));
    if (file === undefined) continue;
    const { size } = await file.stat();
    if (size >= position.offsetBytes && (await beginsAs(file, position))) return file;
    await file.close();
  }
  return undefined;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
