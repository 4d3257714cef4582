import { createHash } from 'node:crypto';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '#lib/errors.ts';
import type { CdrFilePosition } from '#analytics/types.ts';

/** How far a file has been read, as far as its bytes go. */
export type TailPosition = Pick<CdrFilePosition, 'headBytes' | 'headSha256' | 'offsetBytes' | 'lines'>;

export interface TailChunk {
  /**
   * Another file begins here: the one before was moved aside and has been read to its end (`rotated`), or it was cut, or
   * moved to where it is not found, with what it may have held since (`lost`).
   */
  readonly anew: 'rotated' | 'lost' | null;
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
 * beginning. Where it was moved aside more than once, those in between are read too. A last line without a line feed is
 * waited for unless `still`.
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
    const aside = await findRotated(path, position);
    let from = position;
    for (const [index, earlier] of aside.entries()) {
      if (index > 0) yield { anew: 'rotated', lines: [], position: (from = beginning) };
      yield* readWhole(earlier, from);
    }
    yield { anew: aside.length === 0 ? 'lost' : 'rotated', lines: [], position: beginning };
    yield* readLines(file, beginning, still);
  } finally {
    await file.close();
  }
}

async function* readWhole(path: string, from: TailPosition): AsyncGenerator<TailChunk> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  try {
    yield* readLines(file, from, true);
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
    yield { anew: null, lines, position };
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

/**
 * Log rotation keeps files beside the new one, the name with something added: the one that has been read so far, and those
 * that were written after it, in that order. Empty: it is not there (any more, or not under such a name).
 */
async function findRotated(path: string, position: TailPosition): Promise<readonly string[]> {
  if (position.headBytes === 0) return [];
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(basename(path)));
  const aside: { path: string; mtimeMs: number; isOurs: boolean }[] = [];
  for (const name of names) {
    const file =
      name === basename(path) || /\.(?:gz|bz2|xz|zst)$/.test(name)
        ? undefined
        : await openIfThere(join(dirname(path), name));
    if (file === undefined) continue;
    const { size, mtimeMs } = await file.stat();
    const isOurs = size >= position.offsetBytes && (await beginsAs(file, position));
    await file.close();
    aside.push({ path: join(dirname(path), name), mtimeMs, isOurs });
  }
  const ours = aside.find(({ isOurs }) => isOurs);
  if (ours === undefined) return [];
  const later = aside.filter(({ mtimeMs, isOurs }) => !isOurs && mtimeMs > ours.mtimeMs);
  return [ours, ...later.toSorted((one, other) => one.mtimeMs - other.mtimeMs)].map((each) => each.path);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
