import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that a configured path stands for now, in the order of their names: itself, those of a folder, of a pattern. */
export async function cdrPaths(path: string): Promise<readonly string[]> {
  if (path.includes('*')) {
    const found: string[] = [];
    for await (const each of glob(path)) found.push(each);
    return found.toSorted();
  }
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isDirectory() !== true) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .toSorted();
}
