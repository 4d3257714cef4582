import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/** One file of the journal. Synchronous on purpose: what `append` returned from is in the kernel, safe from kill -9. */
export class Segment {
  readonly path: string;
  readonly #fd: number;
  #bytes: number;
  /** Records in it that are not settled yet. */
  unsettled = 0;

  constructor(path: string) {
    this.path = path;
    // Not O_APPEND: on Linux that would make every positioned write an append.
    this.#fd = openSync(path, openFlags(path), 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the offset of the record. @throws what the disk says; the file is as it was before. */
  append(record: Buffer): number {
    const offset = this.#bytes;
    try {
      this.#writeAll(record, offset);
    } catch (thrown) {
      ftruncateSync(this.#fd, offset);
      throw thrown;
    }
    this.#bytes = offset + record.length;
    return offset;
  }

  overwrite(record: Buffer, offset: number): void {
    this.#writeAll(record, offset);
  }

  read(offset: number, bytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(bytes);
    let got = 0;
    while (got < bytes) {
      const count = readSync(this.#fd, buffer, got, bytes - got, offset + got);
      if (count === 0) break;
      got += count;
    }
    return buffer.subarray(0, got);
  }

  /** Forgets everything in it, keeping the file. */
  empty(): void {
    ftruncateSync(this.#fd, 0);
    this.#bytes = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }

  remove(): void {
    closeSync(this.#fd);
    rmSync(this.path, { force: true });
  }

  #writeAll(record: Buffer, offset: number): void {
    let done = 0;
    while (done < record.length) done += writeSync(this.#fd, record, done, record.length - done, offset + done);
  }
}

function openFlags(path: string): string {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // It is there, or cannot be made: the open that follows says which.
  }
  return 'r+';
}
