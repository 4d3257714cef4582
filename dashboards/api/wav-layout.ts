import { open } from 'node:fs/promises';
import { bytesPerFrame } from '#lib/audio/wav-format.ts';
import { readWavLayout as readChunks } from '#lib/audio/wav.ts';

/** Where sound lies in a WAV file, and how fast it goes by: enough to tell seconds from bytes. */
export interface WavLayout {
  readonly sizeBytes: number;
  readonly dataStartByte: number;
  readonly bytesPerSecond: number;
}

/** @throws SidetoneError `unsupported-audio` when the file is no WAV */
export async function readWavLayout(path: string): Promise<WavLayout> {
  const file = await open(path, 'r');
  try {
    const layout = await readChunks(file);
    return {
      sizeBytes: (await file.stat()).size,
      dataStartByte: layout.dataOffsetBytes,
      bytesPerSecond: layout.sampleRateHz * bytesPerFrame(layout),
    };
  } finally {
    await file.close();
  }
}

/** Seconds of sound before a byte of the file, to the hundredth. */
export function secondAt(layout: WavLayout, byte: number): number {
  return Math.round((Math.max(0, byte - layout.dataStartByte) / layout.bytesPerSecond) * 100) / 100;
}
