import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SidetoneError, systemCode } from '#lib/errors.ts';

const manifestName = 'sidetone-model.json';

const manifest = z.object({
  name: z.string(),
  /** BCP 47 of those it knows. */
  languages: z.array(z.string()),
  licence: z.string(),
  source: z.string(),
  /** Of the archive as it was first pulled here. */
  sha256: z.string(),
  pulledAt: z.string(),
});
/** Beside a pulled model's files: where they came from. */
export type ModelManifest = Readonly<z.infer<typeof manifest>>;

/** Undefined for a folder that was not pulled. @throws SidetoneError `model-broken` */
export async function readManifest(folder: string): Promise<ModelManifest | undefined> {
  const path = join(folder, manifestName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new SidetoneError('model-broken', `${path} is not what was written there`, { cause });
  }
}

export async function writeManifest(folder: string, content: ModelManifest): Promise<void> {
  await writeFile(join(folder, manifestName), `${JSON.stringify(content, null, 2)}\n`);
}
