import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let usedBytes = pool.length;

/** Copies random bytes from a pool, so that an id or a tag costs no system call. At most 4096 at once. */
export function randomPooled(bytes: number): Buffer {
  if (usedBytes + bytes > pool.length) {
    randomFillSync(pool);
    usedBytes = 0;
  }
  usedBytes += bytes;
  return Buffer.from(pool.subarray(usedBytes - bytes, usedBytes));
}
