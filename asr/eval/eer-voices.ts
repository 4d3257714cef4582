import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SidetoneError, systemCode } from '#lib/errors.ts';

export interface VoiceFile {
  readonly path: string;
  readonly speaker: string;
}

/**
 * The files of a folder by who speaks in them: `manifest.jsonl`, a line `{path, speaker}` each; rows of another `split`
 * left out where they have one. Empty without a manifest. Throws `bad-request` on a line that is no such row.
 */
export async function readVoices(folder: string, split?: string): Promise<Map<string, VoiceFile[]>> {
  const content = await readFile(join(folder, 'manifest.jsonl'), 'utf8').catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return '';
    throw thrown;
  });
  const voices = new Map<string, VoiceFile[]>();
  content.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const row = rowOf(line);
    if (row === undefined) throw new SidetoneError('bad-request', `${folder}: line ${index + 1} is no {path, speaker}`);
    if (split !== undefined && row.split !== undefined && row.split !== split) return;
    const files = voices.get(row.speaker) ?? [];
    voices.set(row.speaker, files);
    files.push({ path: join(folder, row.path), speaker: row.speaker });
  });
  return voices;
}

function rowOf(line: string): { path: string; speaker: string; split: unknown } | undefined {
  try {
    const row = JSON.parse(line) as Partial<Record<'path' | 'speaker' | 'split', unknown>> | null;
    if (typeof row?.path !== 'string' || typeof row.speaker !== 'string') return undefined;
    return { path: row.path, speaker: row.speaker, split: row.split };
  } catch {
    return undefined;
  }
}
