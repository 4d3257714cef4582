import type { Database } from '#db/types.ts';
import type { BackgroundTasks } from '#lib/closing.ts';
import type { ExportArchive } from './archive.ts';

/**
 * Removes the files of exports that hold a call which was redacted further: at once when it happens, and, whenever the
 * database becomes ready, those that a crash left. Until its files are gone the API no longer gives them out. Returns
 * what stops it.
 */
export function removeGoneExports(parts: {
  readonly database: Pick<Database, 'exports' | 'ready' | 'onReadiness' | 'onExportsGone'>;
  readonly archive: ExportArchive;
  readonly background: BackgroundTasks;
}): () => void {
  const { database, archive, background } = parts;
  const sweep = async (): Promise<void> => {
    for (const exportId of await archive.list()) {
      const record = await database.exports.get(exportId);
      if (record !== undefined && record.goneBecause !== null) await archive.remove(exportId);
    }
  };
  const stops = [
    database.onExportsGone(() => background.add(sweep())),
    database.onReadiness(({ ready }) => {
      if (ready) background.add(sweep());
    }),
  ];
  if (database.ready) background.add(sweep());
  return () => stops.forEach((stop) => stop());
}
