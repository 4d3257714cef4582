import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { readModelFolder } from '../engines/sherpa/model-folder.ts';
import { download, sha256Of, type DownloadOptions } from './download.ts';
import { writeManifest, type ModelManifest } from './manifest.ts';
import { unpack } from './unpack.ts';

export interface PulledModel {
  readonly name: string;
  readonly url: string;
  readonly languages: readonly string[];
  readonly licence: string;
  readonly sha256?: string;
}

export interface PullOptions extends DownloadOptions {
  readonly modelsDir: string;
  /** Take another archive than the one that was pinned, and pin that. */
  readonly repin?: boolean;
  /** A second-long step begins. */
  readonly onStep?: (step: 'verifying' | 'unpacking') => void;
}

export interface Pulled {
  readonly folder: string;
  readonly sha256: string;
  /** Nobody had seen this archive before: its hash is pinned from now on. */
  readonly isFirst: boolean;
}

/**
 * Downloads, verifies and unpacks a model, which appears under its name all at once or not at all. Called again after a
 * break, it goes on where it stopped.
 * @throws SidetoneError `download-failed`, `archive-refused`, `model-missing` and `model-broken` (what was unpacked is no
 *   model that is known here)
 */
export async function pullModel(model: PulledModel, options: PullOptions): Promise<Pulled> {
  const { modelsDir } = options;
  const archive = join(modelsDir, `.${model.name}.part`);
  const unpacked = join(modelsDir, `.${model.name}.unpacked`);
  const folder = join(modelsDir, model.name);
  await mkdir(modelsDir, { recursive: true });
  await download(model.url, archive, options);
  options.onStep?.('verifying');
  const sha256 = await sha256Of(archive);
  const pins = await readPins(modelsDir);
  const pinned = model.sha256 ?? pins[model.name];
  try {
    if (pinned !== undefined && pinned !== sha256 && options.repin !== true) {
      throw new SidetoneError(
        'archive-refused',
        `${model.url} is not the archive that was pinned: sha256 ${sha256} instead of ${pinned}`,
      );
    }
    options.onStep?.('unpacking');
    await rm(unpacked, { recursive: true, force: true });
    await unpack(archive, unpacked);
    const content = await onlyFolder(unpacked);
    readModelFolder(content);
    await writeManifest(content, manifestOf(model, sha256));
    await replaceFolder(content, folder);
    await writePins(modelsDir, { ...pins, [model.name]: sha256 });
  } catch (thrown) {
    // A full disk is mended, and then the archive is still good.
    if (thrown instanceof SidetoneError && thrown.code !== 'download-failed') await removeArchive(archive);
    throw thrown;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  await removeArchive(archive);
  return { folder, sha256, isFirst: pinned === undefined };
}

async function removeArchive(archive: string): Promise<void> {
  await rm(archive, { force: true });
  await rm(`${archive}.etag`, { force: true });
}

function manifestOf({ name, url, languages, licence }: PulledModel, sha256: string): ModelManifest {
  return { name, languages: [...languages], licence, source: url, sha256, pulledAt: new Date().toISOString() };
}

/** Archives hold one folder with all the rest in it. */
async function onlyFolder(unpacked: string): Promise<string> {
  const names = await readdir(unpacked);
  const only = names.length === 1 ? join(unpacked, names[0] ?? '') : unpacked;
  return (await stat(only)).isDirectory() ? only : unpacked;
}

/** A server that has the old files open goes on with them. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${from}.old`;
  await rename(to, old).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  });
  await rename(from, to);
}

const pinsSchema = z.record(z.string(), z.string());

/** By name: the SHA-256 of the archive as it was first pulled here. */
async function readPins(modelsDir: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(modelsDir, 'pins.json'), 'utf8').catch(() => '{}');
  return pinsSchema.parse(JSON.parse(text));
}

async function writePins(modelsDir: string, pins: Readonly<Record<string, string>>): Promise<void> {
  const path = join(modelsDir, 'pins.json');
  await writeFile(`${path}.part`, `${JSON.stringify(pins, null, 2)}\n`);
  await rename(`${path}.part`, path);
}
