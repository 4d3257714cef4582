import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import { isEndpoint, isModelName, packagedModel } from '#lib/models.ts';
import type { KnownModel } from '../types.ts';
import { archiveUrl, catalogue } from './catalogue.ts';
import { readManifest } from './manifest.ts';

/**
 * @param modelsDir Where pulled models lie.
 * @param configured `asr.model`, which may be a folder or an endpoint.
 * @param inUse A choice as `loadEngine` takes it.
 */
export async function knownModels(modelsDir: string, configured: string, inUse: string): Promise<KnownModel[]> {
  const packaged: KnownModel = {
    name: packagedModel,
    inUse: inUse === packagedModel,
    isHere: true,
    languages: ['en'],
    licence: 'MIT',
    source: 'npm: @moonshine-ai/moonshine-js',
    downloadBytes: null,
  };
  const pulled = await Promise.all((await pulledNames(modelsDir)).map((name) => pulledModel(modelsDir, name, inUse)));
  const elsewhere = [...new Set([configured, inUse])]
    .filter((choice) => !isModelName(choice))
    .map((name) => ({
      name,
      inUse: name === inUse,
      isHere: true,
      languages: [],
      licence: null,
      source: isEndpoint(name) ? 'a transcription endpoint' : 'a folder',
      downloadBytes: null,
    }));
  const here = [packaged, ...pulled, ...elsewhere];
  const others = catalogue
    .filter(({ name }) => !here.some((model) => model.name === name))
    .map((model) => ({
      name: model.name,
      inUse: false,
      isHere: false,
      languages: model.languages,
      licence: model.licence,
      source: archiveUrl(model),
      downloadBytes: model.aboutMb * 1e6,
    }));
  return [...here, ...others];
}

/** @throws SidetoneError `model-missing`: it is not there, and says what to do */
export function requireModel(choice: string, modelsDir: string): void {
  if (choice === packagedModel || isEndpoint(choice)) return;
  if (!isModelName(choice)) {
    if (!existsSync(choice)) throw new SidetoneError('model-missing', `no recogniser model at ${choice}`);
    return;
  }
  if (existsSync(join(modelsDir, choice))) return;
  const known = catalogue.some(({ name }) => name === choice);
  const remedy = known ? `npx sidetone models pull ${choice}` : 'npx sidetone models list names those there are';
  throw new SidetoneError('model-missing', `the model ${choice} is not there: ${remedy}`);
}

async function pulledNames(modelsDir: string): Promise<string[]> {
  if (!existsSync(modelsDir)) return [];
  const names = (await readdir(modelsDir)).filter(isModelName).sort();
  // Links to folders count: models are large, and may lie on another disk.
  const folders = await Promise.all(names.map(async (name) => (await stat(join(modelsDir, name))).isDirectory()));
  return names.filter((_, index) => folders[index]);
}

async function pulledModel(modelsDir: string, name: string, inUse: string): Promise<KnownModel> {
  const manifest = await readManifest(join(modelsDir, name));
  return {
    name,
    inUse: name === inUse,
    isHere: true,
    languages: manifest?.languages ?? [],
    licence: manifest?.licence ?? null,
    source: manifest?.source ?? null,
    downloadBytes: null,
  };
}
