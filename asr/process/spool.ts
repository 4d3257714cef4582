import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A second of audio. */
export const spoolSlotSamples = 8000;
const tagBytes = 16;
const nonceBytes = 12;
const slotBytes = 2 * spoolSlotSamples + tagBytes;

/** The key of one call: never leaves this process's memory. */
export interface SpoolKey {
  readonly bytes: Buffer;
  /** Of the pieces written under it so far: each is a nonce of its own. */
  pieces: number;
}

export interface SpooledPiece {
  readonly slot: number;
  readonly samples: number;
  readonly piece: number;
}

export function newSpoolKey(): SpoolKey {
  return { bytes: randomBytes(32), pieces: 0 };
}

/**
 * Audio that waits, on disk: seconds in the slots of one file, each encrypted by AES-256-GCM under the key of its call.
 * The file (mode 0600, in a folder of mode 0700) has no name any more once it is open: with the process, however it
 * ends, it is gone, and without the keys it was noise before. Reads and writes block; the page cache makes them short.
 */
export class Spool {
  readonly #folder: string;
  readonly #slots: number;
  readonly #failed: (error: unknown) => void;
  /** From the first piece on. */
  #file: number | undefined;
  readonly #free: number[] = [];
  readonly #buffer = Buffer.alloc(slotBytes);
  readonly #nonce = Buffer.alloc(nonceBytes);
  /** Slots that the file has. */
  #made = 0;

  /** `failed` is told of trouble with the disk; what was to be written is then lost, as past the limit. */
  constructor(folder: string, limitBytes: number, failed: (error: unknown) => void) {
    this.#folder = folder;
    this.#slots = Math.floor(limitBytes / slotBytes);
    this.#failed = failed;
  }

  get usedBytes(): number {
    return (this.#made - this.#free.length) * slotBytes;
  }

  /** At most `spoolSlotSamples`. Undefined when the limit is reached, or the disk takes no more. */
  write(key: SpoolKey, pcm: Int16Array): SpooledPiece | undefined {
    const slot = this.#free.pop() ?? (this.#made < this.#slots ? this.#made++ : undefined);
    if (slot === undefined) return undefined;
    const piece = key.pieces;
    key.pieces += 1;
    const cipher = createCipheriv('aes-256-gcm', key.bytes, this.#nonceOf(piece));
    const clear = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    this.#buffer.set(cipher.update(clear), 0);
    cipher.final();
    this.#buffer.set(cipher.getAuthTag(), pcm.byteLength);
    try {
      const bytes = pcm.byteLength + tagBytes;
      this.#file ??= openNameless(this.#folder);
      if (writeSync(this.#file, this.#buffer, 0, bytes, slot * slotBytes) === bytes) {
        return { slot, samples: pcm.length, piece };
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#release(slot);
    return undefined;
  }

  /** What was written, which makes its place free. Undefined when it cannot be read back as it was. */
  take(key: SpoolKey, spooled: SpooledPiece): Int16Array | undefined {
    const pcm = this.#read(key, spooled);
    this.#release(spooled.slot);
    return pcm;
  }

  drop({ slot }: SpooledPiece): void {
    this.#release(slot);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #read(key: SpoolKey, { slot, samples, piece }: SpooledPiece): Int16Array | undefined {
    if (this.#file === undefined) return undefined;
    const pcm = new Int16Array(samples);
    try {
      readSync(this.#file, this.#buffer, 0, 2 * samples + tagBytes, slot * slotBytes);
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, this.#nonceOf(piece));
      decipher.setAuthTag(this.#buffer.subarray(2 * samples, 2 * samples + tagBytes));
      new Uint8Array(pcm.buffer).set(decipher.update(this.#buffer.subarray(0, 2 * samples)));
      decipher.final();
      return pcm;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** With the last piece the room goes back to the disk. */
  #release(slot: number): void {
    this.#free.push(slot);
    if (this.#free.length < this.#made) return;
    this.#free.length = 0;
    this.#made = 0;
    if (this.#file !== undefined) ftruncateSync(this.#file, 0);
  }

  #nonceOf(piece: number): Buffer {
    this.#nonce.writeUIntBE(piece, nonceBytes - 6, 6);
    return this.#nonce;
  }
}

function openNameless(folder: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}

/** What a server that was killed between two lines may have left. */
export function clearSpool(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
