import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where uploads lie until their calls are done: `DATA_DIR/ingest`, for the server's own eyes. */
export class Spool {
  readonly dir: string;
  /** What an earlier server left. */
  #left: readonly string[] = [];

  constructor(dataDir: string) {
    this.dir = join(dataDir, 'ingest');
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  async open(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    this.#left = await readdir(this.dir);
  }

  /** Of what an earlier server left, removes what nobody waits for: uploads that were cut off with it. */
  async removeLeft(wanted: ReadonlySet<string>): Promise<void> {
    await this.remove(this.#left.filter((name) => !wanted.has(name)));
    this.#left = [];
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(this.path(name), { force: true });
  }
}
