import type { ChannelSide } from '#sip/types.ts';
import { openSpeakerNet } from './net/speaker-net.ts';
import type { SpeakerModel } from './types.ts';

/** As in the configuration (`asr.speakers`). */
export interface SpeakerSettings {
  /** On which streams speakers are told apart: those that several share, every one, or none. */
  readonly diarize: 'mixed' | 'all' | 'off';
  /** A model of another maker, which needs sherpa-onnx-node; unset: our own. */
  readonly model?: string | undefined;
}

/**
 * The speaker model that is configured.
 * @throws SidetoneError `engine-missing`, `model-missing`, `model-broken` for a model of another maker
 */
export async function openSpeakerModel({ model }: Pick<SpeakerSettings, 'model'> = {}): Promise<SpeakerModel> {
  if (model === undefined) return openSpeakerNet();
  const { openBroughtModel } = await import('./brought/sherpa-embedding.ts');
  return openBroughtModel(model);
}

export function isDiarized(side: ChannelSide, { diarize }: SpeakerSettings): boolean {
  return diarize === 'all' || (diarize === 'mixed' && side === 'mixed');
}
