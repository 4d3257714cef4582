import { access } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';

export interface ModelFiles {
  readonly encoderPath: string;
  readonly decoderPath: string;
}

/** `modelDir`: a folder with encoder_model.onnx and decoder_model_merged.onnx; the npm package's own by default. */
export async function findModelFiles(modelDir?: string): Promise<ModelFiles> {
  const folder = modelDir ?? packageFolder();
  const files = {
    encoderPath: join(folder, 'encoder_model.onnx'),
    decoderPath: join(folder, 'decoder_model_merged.onnx'),
  };
  for (const path of Object.values(files)) {
    await access(path).catch((cause: unknown) => {
      throw new SidetoneError('model-missing', `no recogniser model at ${path}`, { cause });
    });
  }
  return files;
}

/** Only the package's data files are used; its code, made for browsers, is never loaded. */
function packageFolder(): string {
  const manifest = findPackageJSON('@moonshine-ai/moonshine-js', import.meta.url);
  if (manifest === undefined) {
    throw new SidetoneError('model-missing', 'the package @moonshine-ai/moonshine-js is not installed');
  }
  return join(dirname(manifest), 'dist/model/tiny/quantized');
}
