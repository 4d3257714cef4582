import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A new file, mode 0600, whose digest and length are known as soon as it is closed. */
export class HashedFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Node's `EEXIST` when there is such a file. */
  static async create(path: string): Promise<HashedFile> {
    return new HashedFile(path, await open(path, 'wx', 0o600));
  }

  async write(data: string | Buffer): Promise<void> {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data;
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    await this.#handle.writeFile(chunk);
  }

  async copyFrom(source: string): Promise<void> {
    for await (const chunk of createReadStream(source)) await this.write(chunk as Buffer);
  }

  /** On disk, and not only handed to the system, before it returns. */
  async finish(): Promise<WrittenFile> {
    await this.#handle.sync();
    await this.#handle.close();
    return { path: basename(this.#path), bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** For when the export has failed: nothing is said about the file. */
  async abandon(): Promise<void> {
    await this.#handle.close();
  }
}
