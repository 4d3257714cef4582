import type { Command } from 'commander';
import type { RecogniserEngine } from '../asr/engines/types.ts';
import { chosenModel } from '../asr/models/choice.ts';
import { configOf } from './config.ts';
import { engineOptionsOf, modelsDirOf } from './engine-options.ts';
import { clearProgress } from './output.ts';

/**
 * Opens an engine for as long as `measure` takes: a choice as `asr.model` takes it; `configured`, what the server would
 * use; or `plain`, the packaged model without any of what is done around it.
 */
export async function withEngine<Result>(
  command: Command,
  name: string,
  measure: (engine: RecogniserEngine) => Promise<Result>,
): Promise<Result> {
  const config = configOf(command);
  const { loadEngine } = await import('../asr/engines/load.ts');
  const choice = name === 'configured' ? chosenModel(modelsDirOf(config), config.asr.model) : name;
  const { loadPlainMoonshine } = await import('../asr/engines/moonshine/plain.ts');
  const engine = name === 'plain' ? await loadPlainMoonshine() : await loadEngine(choice, engineOptionsOf(config));
  try {
    return await measure(engine);
  } finally {
    clearProgress();
    await engine.close();
  }
}
