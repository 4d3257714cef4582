import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';

/** Any sound file as 8 kHz mono, by ffmpeg. */
export function decodeFile(path: string): Int16Array {
  const run = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-ar', '8000', '-ac', '1', '-'], {
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(`ffmpeg could not read ${path}`);
  return new Int16Array(run.stdout.buffer.slice(run.stdout.byteOffset, run.stdout.byteOffset + run.stdout.length));
}

/** As it comes over a telephone line. */
export function overTheLine(pcm: Int16Array): Int16Array {
  return decodeG711('pcmu', encodeG711('pcmu', pcm));
}

export interface ManifestRow {
  readonly path: string;
  readonly text: string;
  readonly speaker: string;
  readonly sec: number;
}

/** The rows of a corpus folder's manifest.jsonl, with paths made whole. */
export function readManifest(folder: string): ManifestRow[] {
  const file = join(folder, 'manifest.jsonl');
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ManifestRow)
    .map((row) => ({ ...row, path: join(dirname(file), row.path) }));
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
