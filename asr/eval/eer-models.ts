import { readFile } from 'node:fs/promises';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { openOnnxSession } from '../engines/onnx.ts';
import { openBroughtModel } from '../speakers/brought/sherpa-embedding.ts';
import { metadataOf } from '../speakers/brought/metadata.ts';
import type { SpeakerModel } from '../speakers/types.ts';
import { openReferenceModel, referenceInput } from './eer-reference.ts';

/**
 * A speaker model to compare ours with, by its ONNX file: one that hears cepstra (eer-reference.ts), or else one that
 * sherpa-onnx-node runs.
 * @throws SidetoneError `model-missing`, `model-broken`; `engine-missing` where sherpa-onnx-node is needed and absent
 */
export async function openOtherModel(path: string): Promise<SpeakerModel> {
  return (await hearsCepstra(path)) ? openReferenceModel(path) : openBroughtModel(path);
}

async function hearsCepstra(path: string): Promise<boolean> {
  const file = await readFile(path).catch((cause: unknown) => {
    if (systemCode(cause) === undefined) throw cause;
    throw new SidetoneError('model-missing', `the speaker model ${path} cannot be read`, { cause });
  });
  try {
    // Files for sherpa-onnx say so, and are often large: no session is opened to find that out.
    if (metadataOf(file).has('framework')) return false;
    const session = await openOnnxSession(file);
    const { inputNames } = session;
    await session.release();
    return inputNames.includes(referenceInput);
  } catch (cause) {
    throw new SidetoneError('model-broken', `the speaker model ${path} is no ONNX file that can be read`, { cause });
  }
}
