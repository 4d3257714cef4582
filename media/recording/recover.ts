import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from '#lib/log.ts';
import { toError } from '#lib/errors.ts';
import { wavHeaderBytes } from '#lib/audio/wav-format.ts';
import type { RecordingReport } from '../types.ts';
import { peaksPathOf, recordingFolders } from './paths.ts';
import { sealUnfinished } from './seal.ts';
import { storyPathOf } from './story.ts';

export interface RecoveredRecording extends RecordingReport {
  readonly callId: string;
}

/**
 * Finishes the recordings that a dead process left open: those without peaks get a true header, peaks and a hash, with
 * the failure `server-restarted` and what had been noted of silenced and of unredacted stretches. One without samples is removed. To be run before media starts. A file that cannot be
 * mended is logged and left alone.
 */
export async function recoverRecordings(dataDir: string, logger: Logger): Promise<RecoveredRecording[]> {
  const recovered: RecoveredRecording[] = [];
  for await (const folder of recordingFolders(dataDir)) {
    const names = await readdir(join(dataDir, folder));
    const present = new Set(names);
    for (const name of names) {
      if (!name.endsWith('.wav') || present.has(peaksPathOf(name))) continue;
      const path = join(folder, name);
      try {
        if ((await stat(join(dataDir, path))).size <= wavHeaderBytes) {
          await rm(join(dataDir, storyPathOf(path)), { force: true });
          await rm(join(dataDir, path));
          continue;
        }
        const report = await sealUnfinished(dataDir, path, 'server-restarted');
        recovered.push({ ...report, callId: basename(name, '.wav') });
      } catch (thrown) {
        logger.error({ err: toError(thrown), path }, 'a recording could not be recovered');
      }
    }
  }
  if (recovered.length > 0) logger.info({ recordings: recovered.length }, 'unfinished recordings recovered');
  return recovered;
}
