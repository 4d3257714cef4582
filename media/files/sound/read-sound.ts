import { readAudioFile } from './audio-file.ts';

/**
 * The sound of a file at 8 kHz, an array a channel, block by block; the file is closed when nobody reads on.
 * @throws AudioFileFault; Node's own errors where it cannot be read
 */
export async function* readSound(path: string): AsyncGenerator<readonly Int16Array[]> {
  const file = await readAudioFile(path);
  try {
    yield* file.blocks;
  } finally {
    await file.close();
  }
}
