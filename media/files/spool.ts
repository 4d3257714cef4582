import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where uploads lie until their calls are done: `DATA_DIR/ingest`, for the server's own eyes. */
export class Spool {
  readonly dir: string;

  constructor(dataDir: string) {
    this.dir = join(dataDir, 'ingest');
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** Makes the folder, and removes what nobody waits for: uploads that were cut off with an earlier server. */
  async open(wanted: ReadonlySet<string>): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.dir)) if (!wanted.has(name)) await rm(this.path(name), { force: true });
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(this.path(name), { force: true });
  }
}
