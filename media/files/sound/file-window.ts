import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 1 << 18;

/** A file read forward through a buffer: a look at what lies ahead, and steps over it. Memory is that of the farthest look. */
export class FileWindow {
  readonly #file: FileHandle;
  readonly sizeBytes: number;
  #bytes = Buffer.alloc(2 * chunkBytes);
  #start = 0;
  #end = 0;
  /** Of the file: where `#start` lies. */
  #position = 0;

  constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  /** Where the next look begins. */
  get position(): number {
    return this.#position;
  }

  get remainingBytes(): number {
    return Math.max(0, this.sizeBytes - this.#position);
  }

  /** At least `bytes` from here on, fewer only at the end of the file; valid until the next look. */
  async look(bytes: number): Promise<Buffer> {
    if (this.#end - this.#start < bytes) await this.#fill(bytes);
    return this.#bytes.subarray(this.#start, this.#end);
  }

  step(bytes: number): void {
    this.#position += bytes;
    this.#start += bytes;
    if (this.#start > this.#end) {
      this.#start = 0;
      this.#end = 0;
    }
  }

  async #fill(bytes: number): Promise<void> {
    const wanted = Math.ceil(bytes / chunkBytes) * chunkBytes + chunkBytes;
    const held = this.#end - this.#start;
    if (wanted > this.#bytes.length) {
      const larger = Buffer.alloc(wanted);
      this.#bytes.copy(larger, 0, this.#start, this.#end);
      this.#bytes = larger;
    } else this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#start = 0;
    this.#end = held;
    while (this.#end < bytes) {
      const room = this.#bytes.length - this.#end;
      const { bytesRead } = await this.#file.read(this.#bytes, this.#end, room, this.#position + this.#end);
      if (bytesRead === 0) return;
      this.#end += bytesRead;
    }
  }
}
