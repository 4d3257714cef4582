import { open } from 'node:fs/promises';

/** Where sound lies in a WAV file, and how fast it goes by: enough to tell seconds from bytes. */
export interface WavLayout {
  readonly sizeBytes: number;
  readonly dataStartByte: number;
  readonly bytesPerSecond: number;
}

const headBytes = 512;

/** Reads the chunks before the samples (RIFF, `fmt `). @throws RangeError when the file is no WAV */
export async function readWavLayout(path: string): Promise<WavLayout> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return { sizeBytes: size, ...layoutOf(buffer.subarray(0, bytesRead)) };
  } finally {
    await file.close();
  }
}

function layoutOf(head: Buffer): Omit<WavLayout, 'sizeBytes'> {
  let bytesPerSecond = 0;
  let at = 12;
  while (at + 8 <= head.length) {
    const name = head.toString('latin1', at, at + 4);
    if (name === 'fmt ' && at + 20 <= head.length) bytesPerSecond = head.readUInt32LE(at + 16);
    if (name === 'data' && bytesPerSecond > 0) return { dataStartByte: at + 8, bytesPerSecond };
    const length = head.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  throw new RangeError('not a WAV file');
}

/** Seconds of sound before a byte of the file, to the hundredth. */
export function secondAt(layout: WavLayout, byte: number): number {
  return Math.round((Math.max(0, byte - layout.dataStartByte) / layout.bytesPerSecond) * 100) / 100;
}
