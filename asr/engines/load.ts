import { isAbsolute, join } from 'node:path';
import type { Logger } from '#lib/log.ts';
import { isEndpoint, packagedModel } from '#lib/models.ts';
import { requireModel } from '../models/known.ts';
import { readManifest } from '../models/manifest.ts';
import type { RecogniserEngine } from './types.ts';

/** How to reach a transcription endpoint: `asr.endpoint` of the configuration. */
export interface EndpointSettings {
  /** Its own name for a model. */
  readonly model: string;
  readonly key?: string | undefined;
  readonly timeoutS: number;
  readonly attempts: number;
}

export interface LoadOptions {
  /** Where what is built from models is kept between starts. */
  readonly cacheDir: string;
  /** Where `sidetone models pull` leaves models, a folder each. */
  readonly modelsDir: string;
  readonly threads: number;
  readonly endpoint: EndpointSettings;
  /** BCP 47: what is spoken, asked of models and endpoints that know several languages. */
  readonly language?: string | undefined;
  readonly logger: Logger;
}

/**
 * The recogniser that a choice names: `packagedModel`; the name of a pulled model; an absolute folder with a model that
 * sherpa-onnx knows; or the http(s) URL of a transcription endpoint. What an engine needs is loaded with it: a server
 * that never asks for sherpa-onnx does without.
 * @throws SidetoneError `model-missing`, `model-broken`, `engine-missing`
 */
export async function loadEngine(choice: string, options: LoadOptions): Promise<RecogniserEngine> {
  const { cacheDir, threads, logger, language } = options;
  if (choice === packagedModel) {
    const { loadMoonshine } = await import('./moonshine/moonshine.ts');
    const { openDigitRecogniser } = await import('./digits/recogniser.ts');
    const { withDigits } = await import('./digits/with-digits.ts');
    return withDigits(await loadMoonshine({ cacheDir, threads, logger }), await openDigitRecogniser());
  }
  if (isEndpoint(choice)) {
    const { openHttpEngine } = await import('./http/http.ts');
    const { model, key, timeoutS, attempts } = options.endpoint;
    return openHttpEngine({
      url: choice,
      model,
      timeoutMs: timeoutS * 1000,
      attempts,
      ...(key === undefined ? {} : { key }),
      ...(language === undefined ? {} : { language }),
    });
  }
  requireModel(choice, options.modelsDir);
  const modelDir = isAbsolute(choice) ? choice : join(options.modelsDir, choice);
  const [only, ...others] = (await readManifest(modelDir))?.languages ?? [];
  const spoken = language ?? (others.length === 0 ? only : undefined);
  const { loadSherpa } = await import('./sherpa/sherpa.ts');
  return loadSherpa({
    name: choice,
    modelDir,
    cacheDir,
    threads,
    ...(spoken === undefined ? {} : { language: spoken }),
  });
}
