import { join } from 'node:path';
import type { LoadOptions } from '../asr/engines/load.ts';
import type { Config } from '#lib/config/schema.ts';
import { createLogger } from '#lib/log.ts';

/** Where `sidetone models pull` leaves models. */
export function modelsDirOf({ dataDir }: Config): string {
  return join(dataDir, 'models');
}

/** How a command loads an engine as the server of this configuration would. */
export function engineOptionsOf(config: Config): LoadOptions {
  return {
    cacheDir: join(config.dataDir, 'cache'),
    modelsDir: modelsDirOf(config),
    threads: 1,
    endpoint: config.asr.endpoint,
    language: config.asr.language,
    logger: createLogger('warn'),
  };
}
