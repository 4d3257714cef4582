import { decodeTable, type Law } from '#lib/audio/g711.ts';
import type { StreamDecoder } from './types.ts';

const nothing = new Int16Array(0);

/** A code a sample, and no state. */
export class G711StreamDecoder implements StreamDecoder {
  readonly #table: Int16Array;
  #pcm: Int16Array = nothing;

  constructor(law: Law) {
    this.#table = decodeTable(law);
  }

  decode(bytes: Uint8Array, start: number, end: number): Int16Array {
    const count = end - start;
    if (count > this.#pcm.length) this.#pcm = new Int16Array(count);
    for (let i = 0; i < count; i++) this.#pcm[i] = this.#table[bytes[start + i] as number] as number;
    return this.#pcm.subarray(0, count);
  }

  lost(): Int16Array {
    return nothing;
  }

  close(): void {
    // Nothing is held.
  }
}
