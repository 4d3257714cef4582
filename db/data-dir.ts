import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once, type Closable } from '#lib/closing.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import { tryLock } from './process-lock.ts';
import { writeWhole } from './whole-file.ts';

/**
 * Makes the data directory (mode 0700) where it is missing, and takes it for this process alone.
 * @throws SidetoneError `data-dir-locked`, naming the process that has it
 */
export async function lockDataDir(dataDir: string): Promise<Closable> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = await tryLock(join(dataDir, 'lock'));
  if (!lock.held)
    throw new SidetoneError(
      'data-dir-locked',
      `another server (pid ${lock.holderPid}) uses this data directory: ${dataDir}`,
    );
  return {
    close: once(() => {
      lock.release();
      return Promise.resolve();
    }),
  };
}

/** The data directory's own name for itself, made at first start: whose calls are whose on a shared Postgres. */
export function readServerId(dataDir: string): string {
  const path = join(dataDir, 'server-id');
  try {
    const known = readFileSync(path, 'utf8').trim();
    if (known !== '') return known;
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  }
  const id = newId();
  writeWhole(path, `${id}\n`);
  return id;
}
