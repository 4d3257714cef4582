import { findPackageJSON } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import { isEndpoint, packagedModel } from '#lib/models.ts';
import { findModelFiles } from '../engines/moonshine/model-files.ts';
import { readModelFolder } from '../engines/sherpa/model-folder.ts';
import { requireModel } from './known.ts';

/**
 * Whether a choice can be loaded, as far as its files tell; nothing is loaded. Says what it is, for people.
 * @throws SidetoneError `model-missing`, `model-broken`, `engine-missing`
 */
export async function inspectModel(choice: string, modelsDir: string): Promise<string> {
  requireModel(choice, modelsDir);
  if (isEndpoint(choice))
    return `the endpoint at ${new URL(choice).host}, which is asked when there is something to hear`;
  if (choice === packagedModel) {
    await findModelFiles();
    return `the files of ${choice} are there`;
  }
  const { kind } = readModelFolder(isAbsolute(choice) ? choice : join(modelsDir, choice));
  if (findPackageJSON('sherpa-onnx-node', import.meta.url) === undefined) {
    throw new SidetoneError('engine-missing', `${choice} needs the package sherpa-onnx-node, which is not installed`);
  }
  return `the files of ${choice} are there (${kind})`;
}
