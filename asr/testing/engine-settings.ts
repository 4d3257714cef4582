import { join } from 'node:path';
import { packagedModel } from '#lib/models.ts';
import type { EngineSettings } from '../engines/by-language.ts';

/** The packaged model, or what a test wants instead; pulled models lie beside the cache. */
export function engineSettings(cacheDir: string, more: Partial<EngineSettings> = {}): EngineSettings {
  return {
    cacheDir,
    modelsDir: join(cacheDir, 'models'),
    threads: 1,
    model: packagedModel,
    models: {},
    endpoint: { model: 'whisper-1', timeoutS: 10, attempts: 2 },
    ...more,
  };
}
