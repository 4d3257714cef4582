import { writeFileSync } from 'node:fs';
import { encodeG711 } from '#lib/audio/g711.ts';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { sampleRateHz } from '#media/types.ts';

/** 8 kHz PCM as a mu-law WAV file. */
export function writeMonoWav(path: string, pcm: Int16Array): void {
  const bytes = encodeG711('pcmu', pcm);
  writeFileSync(path, Buffer.concat([wavHeader({ encoding: 'pcmu', sampleRateHz, channels: 1 }, bytes.length), bytes]));
}
