import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '#lib/errors.ts';

const root = 'recordings';
/** Ids become file names: nothing that could leave the folder. */
const safeId = /^[A-Za-z0-9_-]{1,128}$/;

/** Relative to the data directory: `recordings/YYYY/MM/DD/<callId>.wav`, by the UTC day. Undefined for an unsafe id. */
export function recordingPath(callId: string, startedAtEpochMs: number): string | undefined {
  if (!safeId.test(callId)) return undefined;
  const [day = ''] = new Date(startedAtEpochMs).toISOString().split('T');
  return join(root, ...day.split('-'), `${callId}.wav`);
}

/** The peaks beside a recording. */
export function peaksPathOf(path: string): string {
  return path.replace(/\.wav$/, '.peaks.json');
}

/** Finds a call's recording by its id alone, newest day first; undefined where there is none. */
export async function locateRecording(dataDir: string, callId: string): Promise<string | undefined> {
  if (!safeId.test(callId)) return undefined;
  for await (const folder of recordingFolders(dataDir)) {
    const path = join(folder, `${callId}.wav`);
    if (await exists(join(dataDir, path))) return path;
  }
  return undefined;
}

/** The folders of days, newest first, relative to the data directory. */
export async function* recordingFolders(dataDir: string): AsyncGenerator<string> {
  for (const year of await namesNewestFirst(join(dataDir, root))) {
    for (const month of await namesNewestFirst(join(dataDir, root, year))) {
      for (const day of await namesNewestFirst(join(dataDir, root, year, month))) yield join(root, year, month, day);
    }
  }
}

async function namesNewestFirst(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /^\d+$/.test(name)).sort((a, b) => (a < b ? 1 : -1));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}
