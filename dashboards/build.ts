import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { systemCode } from '#lib/errors.ts';
import { createLogger, type Logger } from '#lib/log.ts';

const rootDir = join(import.meta.dirname, '..');
const sourceDir = join(import.meta.dirname, 'web');
export const webOutDir = join(rootDir, 'dist/web');
const stampName = '.built-from';

/**
 * Builds the pages when their source or the lock file has changed since they were last built (about 2 s), else does
 * nothing. Returns the folder. Built beside the old ones and moved into place, so that a server which is running keeps
 * its pages until the new ones are whole.
 */
export async function ensureWebBuilt(logger: Logger): Promise<string> {
  const stamp = await digestOf([...(await filesUnder(sourceDir)), join(rootDir, 'package-lock.json')]);
  if ((await builtFrom()) === stamp) return webOutDir;
  const startedMs = performance.now();
  const draftDir = `${webOutDir}.${process.pid}`;
  // Vite is loaded only when there is something to build.
  const { build } = await import('vite');
  await build({
    root: sourceDir,
    configFile: join(rootDir, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: draftDir, emptyOutDir: true },
  });
  await writeFile(join(draftDir, stampName), stamp);
  await moveIntoPlace(draftDir, stamp);
  logger.info({ durationMs: Math.round(performance.now() - startedMs) }, 'pages built');
  return webOutDir;
}

/** Another process may be doing the same: what it has put there of the same source is as good. */
async function moveIntoPlace(draftDir: string, stamp: string): Promise<void> {
  const oldDir = `${draftDir}.old`;
  try {
    if ((await builtFrom()) === stamp) return;
    await rename(webOutDir, oldDir).catch((thrown: unknown) => {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
    });
    await rename(draftDir, webOutDir);
  } catch (thrown) {
    if ((await builtFrom()) !== stamp) throw thrown;
  } finally {
    for (const folder of [draftDir, oldDir]) await rm(folder, { recursive: true, force: true });
  }
}

async function builtFrom(): Promise<string | undefined> {
  const path = join(webOutDir, stampName);
  return existsSync(path) ? await readFile(path, 'utf8') : undefined;
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(relative(rootDir, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

// npm run build: for a server that runs as a user who may not write here.
if (import.meta.main) await ensureWebBuilt(createLogger('info'));
