import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { SidetoneError, systemCode, toError } from '#lib/errors.ts';

export interface DownloadOptions {
  /** `totalBytes` is null where the server does not say. */
  readonly onProgress?: (doneBytes: number, totalBytes: number | null) => void;
  /** Tries in a row that brought nothing. */
  readonly fruitless?: number;
  readonly stalledMs?: number;
  readonly firstWaitMs?: number;
}

/**
 * Downloads to `path`, going on behind what lies there already, of an earlier run too, if the server still has the same
 * file (its ETag is kept in `path.etag`). Breaks are mended by asking for the rest.
 * @throws SidetoneError `download-failed`: what has come is kept
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<void> {
  const { fruitless = 5, firstWaitMs = 500 } = options;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(path);
    try {
      await fetchRest(url, path, options);
      return;
    } catch (thrown) {
      if (thrown instanceof SidetoneError) throw thrown;
      if (systemCode(thrown) === 'ENOSPC') {
        throw new SidetoneError('download-failed', `no room on the disk of ${path}`, { cause: thrown });
      }
      failures = (await sizeOf(path)) > before ? 1 : failures + 1;
      const why = toError(toError(thrown).cause ?? thrown).message;
      if (failures >= fruitless) {
        throw new SidetoneError('download-failed', `${url}: ${why}, ${failures} times in a row`, { cause: thrown });
      }
      await wait(firstWaitMs * 2 ** (failures - 1));
    }
  }
}

/** Hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function fetchRest(
  url: string,
  path: string,
  { onProgress, stalledMs = 60_000 }: DownloadOptions,
): Promise<void> {
  const have = await sizeOf(path);
  const etag = await readFile(`${path}.etag`, 'utf8').catch(() => '');
  const resumes = have > 0 && etag !== '';
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(new Error('nothing came any more')), stalledMs);
  try {
    const answer = await fetch(url, {
      // A range is of the bytes as they are sent: they are to be those of the file.
      headers: { 'accept-encoding': 'identity', ...(resumes ? { range: `bytes=${have}-`, 'if-range': etag } : {}) },
      signal: stalled.signal,
    });
    if (answer.status === 416 && totalOf(answer) === have) return;
    refuse(url, answer.status);
    const from = answer.status === 206 && startOf(answer) === have ? have : 0;
    if (answer.status === 206 && from !== have) throw new Error('the server sent another part than was asked for');
    await writeFile(`${path}.etag`, answer.headers.get('etag') ?? '');
    const length = Number(answer.headers.get('content-length') ?? Number.NaN);
    const total = Number.isFinite(length) ? from + length : null;
    const file = await open(path, from > 0 ? 'a' : 'w');
    try {
      let done = from;
      for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(new Error('nothing came any more')), stalledMs);
        await writeAll(file, chunk);
        done += chunk.length;
        onProgress?.(done, total);
      }
      if (total !== null && done !== total) throw new Error(`it ended after ${done} of ${total} bytes`);
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

function refuse(url: string, status: number): void {
  if (status === 200 || status === 206) return;
  if (status >= 500 || status === 429 || status === 408 || status === 416)
    throw new Error(`the server answered ${status}`);
  throw new SidetoneError('download-failed', `${url}: the server answered ${status}`);
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
}

/** `bytes 100-199/200` */
function startOf(answer: Response): number {
  return Number(/^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}
function totalOf(answer: Response): number {
  return Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
