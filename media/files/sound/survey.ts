import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readAudioFile } from './audio-file.ts';
import { AudioFileFault } from './fault.ts';
import type { Survey } from './sound-contract.ts';

/** SHA-256 of the file's bytes, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Reads a file of sound from end to end, so that what is broken is known before a call is begun of it. */
export async function surveyFile(path: string): Promise<Survey> {
  try {
    const file = await readAudioFile(path);
    try {
      const durationMs = await file.readThrough();
      if (durationMs === 0) throw new AudioFileFault('a file without any sound', 0);
      return { sound: true, container: file.container, channels: file.channels, durationMs };
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof AudioFileFault)) throw thrown;
    const { what, offsetBytes, atMs } = thrown;
    return { sound: false, what, offsetBytes, atMs };
  }
}
