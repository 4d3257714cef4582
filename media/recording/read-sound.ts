import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeG711 } from '#lib/audio/g711.ts';
import { wavHeaderBytes } from '#lib/audio/wav-format.ts';
import type { SampleRange } from '../types.ts';
import { recordingFrameBytes } from './recording-file.ts';

/**
 * A stretch of one channel of a closed recording, at 8 kHz, as it is kept: what was redacted is silent. Shorter where the
 * recording ends before.
 * @param path relative to the data directory, as its report has it
 */
export async function readRecordedSound(
  dataDir: string,
  path: string,
  channel: 'left' | 'right',
  { startSample, endSample }: SampleRange,
): Promise<Int16Array> {
  const from = Math.max(0, startSample);
  const bytes = Buffer.alloc(Math.max(0, endSample - from) * recordingFrameBytes);
  const file = await open(join(dataDir, path), 'r');
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, wavHeaderBytes + from * recordingFrameBytes);
    const codes = new Uint8Array(Math.floor(bytesRead / recordingFrameBytes));
    const offset = channel === 'left' ? 0 : 1;
    for (let index = 0; index < codes.length; index += 1) {
      codes[index] = bytes[index * recordingFrameBytes + offset] ?? 0;
    }
    return decodeG711('pcmu', codes);
  } finally {
    await file.close();
  }
}
