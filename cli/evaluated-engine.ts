import type { Command } from 'commander';
import type { RecogniserEngine } from '../asr/engines/types.ts';
import { createLogger } from '#lib/log.ts';
import { configOf } from './config.ts';
import { clearProgress } from './output.ts';

/** Opens the engine of this name for as long as `measure` takes. `configured`: what the server would use. */
export async function withEngine<Result>(
  command: Command,
  _name: string,
  measure: (engine: RecogniserEngine) => Promise<Result>,
): Promise<Result> {
  const config = configOf(command);
  const { loadMoonshine } = await import('../asr/engines/moonshine/moonshine.ts');
  const engine = await loadMoonshine({ cacheDir: `${config.dataDir}/cache`, logger: createLogger('warn') });
  try {
    return await measure(engine);
  } finally {
    clearProgress();
    await engine.close();
  }
}
