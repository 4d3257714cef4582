import type { Command } from 'commander';
import { closeAll } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { SpeakerModel } from '../asr/speakers/types.ts';
import type { Vad } from '../asr/vad/silero.ts';
import { configOf } from './config.ts';
import { clearProgress } from './output.ts';

/** Of the option that names them. */
export const speakerModelsHelp =
  'speaker models to compare: configured (asr.speakers.model), own, or the ONNX file of another one';

/**
 * Opens a voice activity detector and speaker models for as long as `measure` takes. The models are known by the names
 * they were asked for by. Throws `bad-request` for one that is named twice.
 */
export async function withSpeakerModels<Result>(
  command: Command,
  names: readonly string[],
  measure: (models: Readonly<Record<string, SpeakerModel>>, vad: Vad) => Promise<Result>,
): Promise<Result> {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SidetoneError('bad-request', `the model ${twice} is named twice`);
  const { speakers } = configOf(command).asr;
  const { openSpeakerModel } = await import('../asr/speakers/open.ts');
  const { openOtherModel } = await import('../asr/eval/eer-models.ts');
  const { loadSileroVad } = await import('../asr/vad/silero.ts');
  const opened: { close(): Promise<void> }[] = [];
  try {
    const vad = await loadSileroVad();
    opened.push(vad);
    const models: Record<string, SpeakerModel> = {};
    for (const name of names) {
      const model =
        name === 'configured'
          ? await openSpeakerModel(speakers)
          : name === 'own'
            ? await openSpeakerModel()
            : await openOtherModel(name);
      opened.push(model);
      models[name] = model;
    }
    return await measure(models, vad);
  } finally {
    clearProgress();
    await closeAll(opened.map((each) => () => each.close()));
  }
}
