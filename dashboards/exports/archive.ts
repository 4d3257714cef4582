import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '#lib/errors.ts';
import { manifestName } from './writer.ts';

const manifestShape = z.object({
  calls: z.array(z.string()),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type ArchivedManifest = z.output<typeof manifestShape>;

/** The folder of finished exports, one folder an export. */
export class ExportArchive {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'exports');
  }

  folderOf(exportId: string): string {
    return join(this.#root, exportId);
  }

  /** Undefined: the export is not, or no longer, on this disk. */
  async manifestOf(exportId: string): Promise<ArchivedManifest | undefined> {
    try {
      const text = await readFile(join(this.folderOf(exportId), manifestName), 'utf8');
      return manifestShape.parse(JSON.parse(text));
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  /** Absolute path and length of a file of an export; only what the manifest names (and itself) is ever found. */
  async find(exportId: string, name: string): Promise<{ readonly path: string; readonly bytes: number } | undefined> {
    const manifest = await this.manifestOf(exportId);
    if (manifest === undefined) return undefined;
    if (name !== manifestName && !manifest.files.some((file) => file.path === name)) return undefined;
    const path = join(this.folderOf(exportId), name);
    return { path, bytes: (await stat(path)).size };
  }

  async remove(exportId: string): Promise<void> {
    await rm(this.folderOf(exportId), { recursive: true, force: true });
  }

  /** An erased call is erased from what was exported of it too: whole exports go. */
  async removeHolding(callId: string): Promise<void> {
    for (const exportId of await this.list()) {
      const manifest = await this.manifestOf(exportId);
      if (manifest?.calls.includes(callId) === true) await this.remove(exportId);
    }
  }

  /** Ids of the exports on this disk. */
  async list(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#root)).filter((name) => !name.endsWith('.part'));
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return [];
      throw thrown;
    }
  }
}
