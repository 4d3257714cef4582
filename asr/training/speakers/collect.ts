import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { decodeOggOpus } from '../../eval/ogg-opus.ts';
import { trainingCorpora } from './corpora.ts';

/** A speaker's part of `audio.raw`. */
export interface Collected {
  readonly speaker: string;
  readonly corpus: string;
  readonly startSample: number;
  readonly samples: number;
}

/** Speakers of less speech than this are left out: nothing can be learned of them. */
const leastSamples = 8000 * 3;
const frameSamples = 160;
const keptFrames = 8;

/**
 * Writes to `cacheDir` the speech of all training speakers as one row of 8 kHz samples (`audio.raw`, 16 bits, little
 * endian), one speaker after the other, silence at both ends of each file cut off; and `index.json`, who speaks where.
 */
export async function collect(speechDir: string, cacheDir: string): Promise<readonly Collected[]> {
  await mkdir(cacheDir, { recursive: true });
  const audio = createWriteStream(join(cacheDir, 'audio.raw'));
  const index: Collected[] = [];
  let startSample = 0;
  for (const { corpus, split } of trainingCorpora) {
    for (const [speaker, paths] of await speakersOf(join(speechDir, corpus), split)) {
      const parts: Int16Array[] = [];
      for (const path of paths) parts.push(withoutSilentEnds(await decodeOggOpus(await readFile(path))));
      const samples = parts.reduce((sum, part) => sum + part.length, 0);
      if (samples < leastSamples) continue;
      for (const part of parts) {
        if (!audio.write(Buffer.from(part.buffer, part.byteOffset, part.byteLength))) await once(audio, 'drain');
      }
      index.push({ speaker: `${corpus}/${speaker}`, corpus, startSample, samples });
      startSample += samples;
    }
  }
  audio.end();
  await once(audio, 'finish');
  await writeFile(join(cacheDir, 'index.json'), JSON.stringify(index));
  return index;
}

async function speakersOf(folder: string, split: string | undefined): Promise<Map<string, string[]>> {
  const speakers = new Map<string, string[]>();
  for (const line of (await readFile(join(folder, 'manifest.jsonl'), 'utf8')).split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line) as { path: string; speaker: string; split?: string };
    if (split !== undefined && row.split !== split) continue;
    const paths = speakers.get(row.speaker) ?? [];
    speakers.set(row.speaker, paths);
    paths.push(join(folder, row.path));
  }
  return speakers;
}

/** From 160 ms before the first frame that is within 35 dB of the loudest to 160 ms after the last one. */
function withoutSilentEnds(pcm: Int16Array): Int16Array {
  const frames = Math.floor(pcm.length / frameSamples);
  const powers = Array.from({ length: frames }, (_, frame) => {
    let power = 0;
    for (let i = frame * frameSamples; i < (frame + 1) * frameSamples; i++) power += (pcm[i] ?? 0) ** 2;
    return power;
  });
  const least = powers.reduce((most, power) => Math.max(most, power), 0) / 10 ** 3.5;
  const first = Math.max(0, powers.findIndex((power) => power >= least) - keptFrames);
  const last = Math.min(frames, powers.findLastIndex((power) => power >= least) + 1 + keptFrames);
  return pcm.slice(first * frameSamples, last * frameSamples);
}
