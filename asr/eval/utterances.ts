import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { decodeOggOpus } from './ogg-opus.ts';

export interface Utterance {
  readonly path: string;
  /** What is said, in any spelling. */
  readonly text: string;
}
export interface Corpus {
  readonly name: string;
  readonly utterances: readonly Utterance[];
}

/**
 * The corpora in a folder: the folder itself where it has a `manifest.jsonl` (a line `{path, text}` an utterance), else
 * each folder in it that has one. Rows without text are left out, and, where `split` is given, rows of another split.
 * Throws `bad-request` when there is none, or on a line that is no such row.
 */
export async function readCorpora(folder: string, split?: string): Promise<Corpus[]> {
  const own = await readManifest(folder, split);
  if (own !== undefined) return [own];
  const corpora: Corpus[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const corpus = await readManifest(join(folder, name), split);
    if (corpus !== undefined) corpora.push(corpus);
  }
  if (corpora.length === 0) throw new SidetoneError('bad-request', `no manifest.jsonl in ${folder}`);
  return corpora;
}

async function readManifest(folder: string, split?: string): Promise<Corpus | undefined> {
  const manifest = join(folder, 'manifest.jsonl');
  const content = await readFile(manifest, 'utf8').catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  });
  if (content === undefined) return undefined;
  const utterances: Utterance[] = [];
  content.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const row = parseRow(line);
    if (row === undefined) throw new SidetoneError('bad-request', `${manifest}: line ${index + 1} is no {path, text}`);
    const wanted = split === undefined || row.split === undefined || row.split === split;
    if (wanted && row.text.trim() !== '') utterances.push({ path: join(folder, row.path), text: row.text });
  });
  return { name: basename(folder), utterances };
}

function parseRow(line: string): { path: string; text: string; split: string | undefined } | undefined {
  try {
    const row = JSON.parse(line) as Partial<Record<'path' | 'text' | 'split', unknown>> | null;
    if (typeof row?.path !== 'string' || typeof row.text !== 'string') return undefined;
    return { path: row.path, text: row.text, split: typeof row.split === 'string' ? row.split : undefined };
  } catch {
    return undefined;
  }
}

/** A sound file (Ogg Opus or WAV) as a telephone hears it: 8 kHz, through mu-law. Throws `unsupported-audio`. */
export async function readTelephoneAudio(path: string): Promise<Int16Array> {
  try {
    const isOgg = path.endsWith('.opus') || path.endsWith('.ogg');
    const pcm = isOgg ? await decodeOggOpus(await readFile(path)) : await readFirstChannel(path);
    return decodeG711('pcmu', encodeG711('pcmu', pcm));
  } catch (cause) {
    if (systemCode(cause) !== undefined) throw cause;
    throw new SidetoneError('unsupported-audio', `${path} is neither Ogg Opus nor a WAV that can be read`, { cause });
  }
}

async function readFirstChannel(path: string): Promise<Int16Array> {
  const { channels, sampleRateHz } = await readWav(path);
  return resample(channels[0] ?? new Int16Array(0), sampleRateHz);
}
